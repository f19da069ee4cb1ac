namespace Broker.Cryptography;

/// <summary>A public key of one signature algorithm, in that algorithm's own encoding.</summary>
public interface IVerifyingKey
{
    /// <summary>The encoded key; its length tells the algorithms apart.</summary>
    ReadOnlySpan<byte> Bytes { get; }

    /// <summary>True when this key signed the message. A signature of another length is simply no signature.</summary>
    bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);
}
