namespace Broker.Cryptography.Tests;

internal static class Bytes
{
    public static byte[] Of(string hex) => Convert.FromHexString(hex);

    public static string Text(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    /// <summary><c>0, 1, 2 … 250, 0, 1 …</c>: a message of any length whose every byte is known.</summary>
    public static byte[] Counting(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i % 251))];
}
