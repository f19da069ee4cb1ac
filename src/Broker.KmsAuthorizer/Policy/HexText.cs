namespace Broker.KmsAuthorizer.Policy;

/// <summary>
/// Hex as people write it into a policy file: either case, with or without <c>0x</c>. Equal means the same digits; the
/// empty text equals <c>0x</c> and nothing else. Leading zeros count.
/// </summary>
internal static class HexText
{
    public static bool Same(string left, string right) =>
        Digits(left).Equals(Digits(right), StringComparison.OrdinalIgnoreCase);

    public static bool Lists(IEnumerable<string> listed, string asked) => listed.Any(entry => Same(entry, asked));

    /// <summary>One spelling for all that are the same.</summary>
    public static string Normal(string hex) => Digits(hex).ToString().ToLowerInvariant();

    private static ReadOnlySpan<char> Digits(string hex) =>
        hex.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? hex.AsSpan(2) : hex;
}
