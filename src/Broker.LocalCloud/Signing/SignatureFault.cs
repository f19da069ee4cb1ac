namespace Broker.LocalCloud.Signing;

/// <summary>Why a request's signature does not stand. Services put their own codes and sentences on these.</summary>
internal enum SignatureFault
{
    /// <summary>No signature at all.</summary>
    Missing,

    /// <summary>A signature that cannot be read, or one that leaves out a header which must be signed.</summary>
    Malformed,

    /// <summary>The scope names another service, or another day than the request's time.</summary>
    WrongScope,

    /// <summary>Nobody has this access key.</summary>
    UnknownAccessKey,

    /// <summary>Temporary credentials without their session token, or with another one.</summary>
    WrongSessionToken,

    /// <summary>Temporary credentials past their time.</summary>
    ExpiredCredentials,

    /// <summary>
    /// The request's time is more than fifteen minutes from ours, or a presigned address is past its time.
    /// </summary>
    Skewed,

    /// <summary>The signature is of something else, or by another key.</summary>
    Mismatch,
}
