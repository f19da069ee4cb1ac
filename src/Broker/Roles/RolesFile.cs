using System.Buffers;
using System.Text.Json.Serialization;
using Broker.Configuration;

namespace Broker.Roles;

/// <summary>
/// The file of <c>BROKER_ROLES_PATH</c>: roles in any accounts and partitions, beside those of the variables.
/// <code>
/// {
///   "roles": [
///     { "name": "reports", "arn": "arn:aws:iam::111122223333:role/reports", "bucket": "acme-reports" },
///     { "name": "prod", "arn": "arn:aws:iam::444455556666:role/prod", "via": "reports" },
///     { "name": "china", "arn": "arn:aws-cn:iam::777788889999:role/agents", "region": "cn-north-1",
///       "max_session_seconds": 7200 }
///   ]
/// }
/// </code>
/// <c>bucket</c>: sessions are narrowed to the actor's own prefix of it; <c>"session_policy": "none"</c> leaves that to
/// the role. <c>via</c> names the role that is assumed first, for a role that trusts that one and not the issuer; it
/// must trust the issuer itself, and such a session lasts an hour at most. <c>region</c> says whose STS is asked; a role
/// outside the partition <c>aws</c> needs it. <c>max_session_seconds</c> is the role's own limit, 900 to 43200.
/// </summary>
internal static class RolesFile
{
    private const int Longest = 1 << 20;
    private const int MostRoles = 1000;
    private const int LongestName = 64;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <param name="byVariables">The roles that are there already.</param>
    /// <exception cref="FormatException">
    /// The file is missing or not usable, with a reason fit for an operator.
    /// </exception>
    public static IReadOnlyList<CatalogueRole> Read(string path, IReadOnlyList<CatalogueRole> byVariables)
    {
        var written = OperatorFile.Read(path, Longest, RolesFileJson.Default.WrittenRoles,
            "a file of roles: JSON with roles, each with name and arn").Roles;
        if (written.Length > MostRoles) throw new FormatException($"has more than {MostRoles} roles");
        var own = written.Where(role => role.Via is null).Select(Role).ToList();
        var trusted = byVariables.Concat(own).ToList();
        CatalogueRole[] read =
        [
            .. own,
            .. written.Where(role => role.Via is not null).Select(role => Hop(role, trusted)),
        ];
        IEnumerable<CatalogueRole> all = [.. byVariables, .. read];
        if (Twice(all, role => role.Name) is { } name) throw new FormatException($"has the role {name} twice");
        if (Twice(all, role => role.Arn.Text) is { } arn) throw new FormatException($"has the ARN {arn} twice");
        return read;
    }

    private static CatalogueRole Role(WrittenRole written)
    {
        var name = written.Name;
        if (name.Length is 0 or > LongestName || name.AsSpan().ContainsAnyExcept(NameCharacters))
            throw new FormatException($"has a role whose name is not 1 to {LongestName} of a-z, 0-9, - and _");
        if (RoleCatalogue.ReservedNames.Contains(name))
            throw new FormatException($"names the role {name}, which belongs to BROKER_{name.ToUpperInvariant()}_ROLE_ARN");
        if (!RoleArn.TryParse(written.Arn, out var arn))
            throw new FormatException($"{name}: arn must be a role ARN (arn:<partition>:iam::<account>:role/<name>)");
        if (written.SessionPolicy is not (null or "own_prefix" or "none"))
            throw new FormatException($"{name}: session_policy must be own_prefix or none");
        if (written.SessionPolicy == "own_prefix" && written.Bucket is null)
            throw new FormatException($"{name}: session_policy own_prefix needs a bucket");
        if (written.LongestSession is < 900 or > 43_200)
            throw new FormatException($"{name}: max_session_seconds must be 900 to 43200");
        if (written.Region is null ? arn.Partition != "aws" : !IsRegion(written.Region))
            throw new FormatException($"{name}: region must name the region whose STS is asked, for example eu-west-1");
        return new CatalogueRole(
            name, arn, Bucket(name, written.Bucket), written.Bucket is not null && written.SessionPolicy != "none")
        {
            LongestSession = written.LongestSession is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Region = written.Region,
        };
    }

    private static CatalogueRole Hop(WrittenRole written, List<CatalogueRole> trusted)
    {
        var role = Role(written);
        if (trusted.Find(one => one.Name == written.Via) is not { } via)
        {
            throw new FormatException(
                $"{role.Name}: via must name a role of the catalogue that trusts the issuer itself (no via of its own)");
        }

        if (via.Arn.Partition != role.Arn.Partition)
            throw new FormatException($"{role.Name}: via is a role of another partition, which AWS does not allow");
        if (role.LongestSession > CatalogueRole.LongestHop)
            throw new FormatException($"{role.Name}: max_session_seconds is at most 3600 where there is a via");
        return role with { Via = via, LongestSession = role.LongestSession ?? CatalogueRole.LongestHop };
    }

    private static string? Bucket(string role, string? bucket)
    {
        try
        {
            return bucket is null ? null : BucketNames.Parse(bucket);
        }
        catch (FormatException wrong)
        {
            throw new FormatException($"{role}: bucket {wrong.Message}", wrong);
        }
    }

    private static bool IsRegion(string region) =>
        region.Length is > 0 and <= 32 && region.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static string? Twice(IEnumerable<CatalogueRole> roles, Func<CatalogueRole, string> of) =>
        roles.GroupBy(of).FirstOrDefault(same => same.Skip(1).Any())?.Key;
}

/// <summary>The whole file.</summary>
internal sealed record WrittenRoles([property: JsonPropertyName("roles"), JsonRequired] WrittenRole[] Roles);

/// <summary>A role of the file.</summary>
internal sealed record WrittenRole(
    [property: JsonPropertyName("name"), JsonRequired] string Name,
    [property: JsonPropertyName("arn"), JsonRequired] string Arn,
    [property: JsonPropertyName("bucket")] string? Bucket = null,
    [property: JsonPropertyName("session_policy")] string? SessionPolicy = null,
    [property: JsonPropertyName("max_session_seconds")] int? LongestSession = null,
    [property: JsonPropertyName("region")] string? Region = null,
    [property: JsonPropertyName("via")] string? Via = null);

[JsonSerializable(typeof(WrittenRoles))]
[JsonSourceGenerationOptions(
    RespectNullableAnnotations = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
internal sealed partial class RolesFileJson : JsonSerializerContext;
