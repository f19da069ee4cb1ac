using System.Text.RegularExpressions;

namespace Broker.Kms.Configuration;

/// <summary>
/// The name under which a KMS will be reached, as an operator types it. An IPv4 literal passes as one.
/// </summary>
internal static partial class DomainName
{
    private const int MaxLength = 253;

    /// <summary>Null for a usable name, or what is wrong with it.</summary>
    public static string? Fault(string domain)
    {
        if (domain.Length is 0 or > MaxLength || !domain.All(char.IsAscii))
            return $"domain must be a non-empty ASCII DNS name of at most {MaxLength} bytes";

        return domain.Split('.').All(label => Label().IsMatch(label)) ? null : "domain contains an invalid DNS label";
    }

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label();
}
