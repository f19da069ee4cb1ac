using System.Security.Cryptography;

namespace Broker.Attestation.EventLog;

/// <summary>
/// What a run-time measurement register holds after a list of extensions: mr = SHA-384(mr ‖ digest), from 48 zero
/// bytes.
/// </summary>
public static class RtmrReplay
{
    public static byte[] Replay(IEnumerable<ReadOnlyMemory<byte>> digests)
    {
        var register = new byte[SHA384.HashSizeInBytes];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA384);
        foreach (var digest in digests)
        {
            hash.AppendData(register);
            hash.AppendData(digest.Span);
            hash.GetHashAndReset(register);
        }

        return register;
    }

    public static byte[] Replay(IEnumerable<byte[]> digests)
        => Replay(digests.Select(digest => (ReadOnlyMemory<byte>)digest));
}
