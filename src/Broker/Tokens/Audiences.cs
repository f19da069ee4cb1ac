using Broker.Releases;
using Broker.SigningKeys;

namespace Broker.Tokens;

/// <summary>
/// For whom OIDC tokens may be, and with which algorithm each is signed: AWS STS, always with ES256, and whom the
/// setting names.
/// </summary>
internal sealed class Audiences(IEnumerable<TokenAudience> further)
{
    /// <summary>Who gets a token where the caller names nobody.</summary>
    public const string Aws = ApprovedMint.UsualAudience;

    private const int Longest = 256;

    private readonly Dictionary<string, TokenAudience> _all = further.Prepend(new TokenAudience(Aws, Es256Key.Name))
        .ToDictionary(one => one.Name, StringComparer.Ordinal);

    public IEnumerable<TokenAudience> All => _all.Values;

    /// <summary>Null for one that is not configured.</summary>
    public TokenAudience? Find(string name) => _all.GetValueOrDefault(name);

    /// <summary>Reads <c>NAME</c> or <c>NAME=RS256</c>; ES256 where no algorithm is named.</summary>
    /// <exception cref="FormatException">The text is not of that form.</exception>
    public static TokenAudience Parse(string text)
    {
        var split = text.LastIndexOf('=');
        var (name, algorithm) = split < 0 ? (text, Es256Key.Name) : (text[..split], text[(split + 1)..]);
        if (name.Length is 0 or > Longest || name.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new FormatException($"an audience must be 1 to {Longest} printable ASCII characters");
        if (algorithm is not (Es256Key.Name or Rs256Key.Name))
            throw new FormatException($"the algorithm of {name} must be {Es256Key.Name} or {Rs256Key.Name}");
        return new TokenAudience(name, algorithm);
    }
}

/// <summary>A relying party's name and the algorithm that it accepts.</summary>
internal sealed record TokenAudience(string Name, string Algorithm);
