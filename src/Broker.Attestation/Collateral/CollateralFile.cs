using Broker.Attestation.Quotes;
using Broker.Foundation;

namespace Broker.Attestation.Collateral;

/// <summary>Collateral on disk: bounded when read, whole or not at all when written.</summary>
internal static class CollateralFile
{
    /// <summary>Null when there is no such file or it cannot be read.</summary>
    public static async Task<CollateralReadResult?> ReadAsync(string path, CancellationToken stop)
    {
        try
        {
            await using var file = File.OpenRead(path);
            if (file.Length > QuoteCollateralJson.MaxLength)
            {
                return CollateralReadResult.Refuse($"longer than {QuoteCollateralJson.MaxLength} bytes");
            }

            var bytes = new byte[file.Length];
            await file.ReadExactlyAsync(bytes, stop);
            return QuoteCollateralJson.Read(bytes);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Replaces the file in one step; a reader sees the old collateral or the new, never a part.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static void Write(string path, QuoteCollateral collateral) =>
        DurableFile.Replace(path, QuoteCollateralJson.Write(collateral), DurableFile.ReadableByAll);
}
