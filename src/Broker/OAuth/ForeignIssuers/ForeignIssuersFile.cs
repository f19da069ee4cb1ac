using System.Buffers;
using System.Text.Json;
using Broker.Configuration;
using Broker.OAuth.Clients;
using Broker.Roles;
using Broker.Tokens;

namespace Broker.OAuth.ForeignIssuers;

/// <summary>
/// The file of <c>BROKER_FOREIGN_ISSUERS_FILE</c>: whose tokens are exchanged for a session or a token of ours, and
/// under which rules. Whoever can write it can give rights away, so only its owner may.
/// <code>
/// {
///   "issuers": [
///     { "preset": "github-actions",
///       "rules": [
///         { "name": "deploy", "claims": { "repository_id": "456789", "ref": "refs/heads/main" },
///           "roles": ["vault"], "max_session_seconds": 900 } ] },
///     { "preset": "kubernetes", "issuer": "https://kubernetes.default.svc.cluster.local",
///       "jwks": { "keys": [{ "kty": "RSA", "kid": "…", "n": "…", "e": "AQAB" }] },
///       "rules": [
///         { "name": "uploader", "roles": ["data"], "token_types": ["jwt"],
///           "claims": { "kubernetes.io": { "namespace": "prod", "serviceaccount": { "name": "uploader" } } } } ] },
///     { "issuer": "https://login.example.com", "audience": "https://broker.example.com",
///       "algorithms": ["ES256"], "max_token_seconds": 600,
///       "rules": [{ "name": "staff", "claims": { "sub": "batch-*", "trusted": true }, "roles": ["data"] }] }
///   ]
/// }
/// </code>
/// Keys come by discovery, from <c>jwks_uri</c>, or stand in <c>jwks</c>. <c>audience</c> is this broker's issuer where
/// it is left out, <c>algorithms</c> RS256 and ES256 or those of the preset, <c>max_token_seconds</c> 3600.
/// <c>single_use</c> is true, but for the presets kubernetes and spiffe. Of a rule <c>token_types</c> is
/// <c>["access_token", "jwt"]</c> where it is left out, <c>max_session_seconds</c> 3600, and <c>audiences</c> AWS STS
/// alone. Members that are not known are refused, for a misspelt limit would be none.
/// </summary>
internal static class ForeignIssuersFile
{
    public const string SessionType = "access_token", TokenType = "jwt";

    private const int Longest = 1 << 20;
    private const int MostIssuers = 100;
    private const int MostRules = 1000;
    private const int LongestName = 64;
    private const int LongestAddress = 512;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <exception cref="FormatException">The file is missing or not usable, with a reason for an operator.</exception>
    public static IReadOnlyDictionary<string, ForeignIssuer> Read(string path, IssuersReading reading)
    {
        var written = OperatorFile.Read(path, Longest, ForeignIssuersJson.Default.WrittenIssuers,
            "a file of issuers: JSON with issuers, each with issuer or preset, and rules with name, claims and roles")
            .Issuers;
        if (written.Length > MostIssuers) throw new FormatException($"has more than {MostIssuers} issuers");
        if (written.Sum(one => one.Rules.Length) > MostRules)
            throw new FormatException($"has more than {MostRules} rules");
        var issuers = new Dictionary<string, ForeignIssuer>(StringComparer.Ordinal);
        foreach (var issuer in written.Select(one => Issuer(one, reading)))
        {
            if (!issuers.TryAdd(issuer.Name, issuer)) throw new FormatException($"has the issuer {issuer.Name} twice");
        }

        return issuers;
    }

    private static ForeignIssuer Issuer(WrittenIssuer written, IssuersReading reading)
    {
        var preset = PresetOf(written.Preset);
        var name = written.Issuer ?? preset?.Issuer ?? throw new FormatException("has an issuer without its address");
        if (!IsIssuer(name, preset, reading.IsDevelopment))
        {
            throw new FormatException(preset is Spiffe
                ? "issuer of the preset spiffe must be spiffe:// and the trust domain"
                : $"{Shown(name)}: issuer must be an https address of at most {LongestAddress} characters, without "
                    + "query and fragment");
        }

        var algorithms = written.Algorithms ?? preset?.Algorithms ?? ["RS256", "ES256"];
        if (algorithms.Count == 0 || !algorithms.All(VerificationKey.Algorithms.Contains))
        {
            throw new FormatException(
                $"{name}: algorithms must be of {string.Join(", ", VerificationKey.Algorithms)}");
        }

        if (written.Audience is { } audience && !IsText(audience, LongestAddress))
            throw new FormatException($"{name}: audience must be 1 to {LongestAddress} printable ASCII characters");
        if (written.LongestToken is < 60 or > 86_400)
            throw new FormatException($"{name}: max_token_seconds must be 60 to 86400");
        return new ForeignIssuer(name, written.Audience ?? reading.OwnIssuer)
        {
            Preset = preset,
            Algorithms = algorithms,
            JwksUri = JwksUriOf(written, name, reading.IsDevelopment),
            Keys = written.Jwks is { } jwks ? KeysOf(name, jwks) : null,
            LongestToken = TimeSpan.FromSeconds(written.LongestToken ?? 3600),
            IsSingleUse = written.IsSingleUse ?? preset?.IsSingleUse ?? true,
            Rules = RulesOf(written, name, preset, reading),
        };
    }

    private static Preset? PresetOf(string? name) => name is null
        ? null
        : Preset.All.FirstOrDefault(one => one.Name == name)
            ?? throw new FormatException(
                $"preset must be one of {string.Join(", ", Preset.All.Select(one => one.Name))}");

    private static bool IsIssuer(string name, Preset? preset, bool isDevelopment)
    {
        if (preset is Spiffe) return Spiffe.IsTrustDomain(name);
        return IsText(name, LongestAddress) && Uri.TryCreate(name, UriKind.Absolute, out var uri)
            && uri.Query.Length == 0 && uri.Fragment.Length == 0 && !name.Contains('#') && !name.Contains('?')
            && uri.UserInfo.Length == 0
            && (uri.Scheme == Uri.UriSchemeHttps
                || (isDevelopment && uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));
    }

    private static string? JwksUriOf(WrittenIssuer written, string name, bool isDevelopment)
    {
        if (written is { JwksUri: not null, Jwks: not null })
            throw new FormatException($"{name}: send jwks or jwks_uri, not both");
        if (written is { JwksUri: null, Jwks: null } && name.StartsWith(Preset.SpiffeScheme, StringComparison.Ordinal))
            throw new FormatException($"{name}: a trust domain needs jwks or jwks_uri");
        if (written.JwksUri is not { } address) return null;
        return DocumentFetcher.Takes(address, isDevelopment)
            ? address
            : throw new FormatException($"{name}: jwks_uri must be an https address in its usual spelling");
    }

    private static IReadOnlyList<VerificationKey> KeysOf(string name, JsonElement jwks)
    {
        if (KeySet.HasPrivate(jwks)) throw new FormatException($"{name}: jwks has a private or secret key");
        try
        {
            return KeySet.Read(jwks);
        }
        catch (FormatException wrong)
        {
            throw new FormatException($"{name}: {wrong.Message}", wrong);
        }
    }

    private static ForeignRule[] RulesOf(WrittenIssuer written, string issuer, Preset? preset, IssuersReading reading)
    {
        if (written.Rules.Length == 0) throw new FormatException($"{issuer}: has no rules, so nobody gets anything");
        var rules = written.Rules.Select(one => Rule(one, issuer, preset, reading)).ToArray();
        return rules.DistinctBy(one => one.Name).Count() == rules.Length
            ? rules
            : throw new FormatException($"{issuer}: has a rule twice");
    }

    private static ForeignRule Rule(WrittenRule written, string issuer, Preset? preset, IssuersReading reading)
    {
        if (written.Name.Length is 0 or > LongestName || written.Name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            throw new FormatException(
                $"{issuer}: the name of a rule must be 1 to {LongestName} of a-z, 0-9, - and _");
        }

        FormatException Wrong(string why, Exception? cause = null) =>
            new($"{issuer}, rule {written.Name}: {why}", cause);
        IReadOnlyList<ClaimCondition> conditions;
        try
        {
            conditions = ClaimCondition.Read(written.Claims);
        }
        catch (FormatException wrong)
        {
            throw Wrong(wrong.Message, wrong);
        }

        if (preset?.Claims is { } known && conditions.FirstOrDefault(one => !known.Contains(one.Path[0])) is { } odd)
            throw Wrong($"{odd.Path[0]} is no claim of {preset.Name}");
        if (written.Roles.Length == 0
            || (reading.Roles is { } catalogue && written.Roles.Any(one => catalogue.Find(one) is null)))
            throw Wrong($"roles must be of the catalogue ({reading.Roles?.Names})");
        if (written.Audiences is { } audiences
            && (audiences.Length == 0
                || (reading.Audiences is { } all && audiences.Any(one => all.Find(one) is null))))
            throw Wrong("audiences must be of BROKER_OIDC_AUDIENCES or sts.amazonaws.com");
        var types = written.TokenTypes ?? [SessionType, TokenType];
        if (types.Length == 0 || types.Any(one => one is not (SessionType or TokenType)))
            throw Wrong($"token_types must be of {SessionType}, {TokenType}");
        if (written.LongestSession is < 60 or > 86_400) throw Wrong("max_session_seconds must be 60 to 86400");
        var rule = new ForeignRule(written.Name, conditions, written.Roles)
        {
            Audiences = written.Audiences ?? [Audiences.Aws],
            LongestSession = TimeSpan.FromSeconds(written.LongestSession ?? 3600),
            GivesSessions = types.Contains(SessionType),
            GivesTokens = types.Contains(TokenType),
        };
        return preset?.FaultOf(rule) is { } fault ? throw Wrong(fault) : rule;
    }

    private static bool IsText(string text, int longest) =>
        text.Length > 0 && text.Length <= longest && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static string Shown(string name) => Foundation.ForeignText.Excerpt(name, 80);
}

/// <summary>What the file is read against.</summary>
/// <param name="Roles">Null where the catalogue could not be read, which is told elsewhere.</param>
/// <param name="Audiences">Null likewise.</param>
internal sealed record IssuersReading(
    string OwnIssuer, bool IsDevelopment, RoleCatalogue? Roles, Audiences? Audiences);
