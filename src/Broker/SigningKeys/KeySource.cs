namespace Broker.SigningKeys;

/// <summary>Where the signing keys come from.</summary>
internal enum KeySource
{
    Files,

    /// <summary>The roots of the KMS in this process.</summary>
    Kms,
}
