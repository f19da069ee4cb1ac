using Broker.Cryptography;
using Broker.OAuth.Delegations;
using Broker.Sessions;

namespace Broker.OAuth.Device;

/// <summary>What a device asks a person for (RFC 8628 §3.1). Of its codes only the SHA-256 are kept.</summary>
internal sealed record DeviceAuthorization(
    Sha256Digest DeviceCode, Sha256Digest UserCode, SessionTerms Terms, DateTimeOffset ExpiresAt)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>How long a device waits between two polls, until it is told to slow down.</summary>
    public const int IntervalSeconds = 5;
}

/// <summary>What a poll finds.</summary>
internal enum DevicePoll
{
    Unknown,
    Expired,
    TooFast,
    Pending,
    Denied,

    /// <summary>The first poll after the approval takes it; it is another's from then on.</summary>
    Taken,
    TakenBefore,
}

/// <summary>Where device authorizations wait; whatever changes one is durable when the call returns.</summary>
internal interface IDeviceStore
{
    void Add(DeviceAuthorization asked);

    /// <summary>Null where it is unknown, decided or past.</summary>
    DeviceAuthorization? FindOpen(Sha256Digest userCode);

    /// <summary>True for the first decision, and while it is open.</summary>
    /// <param name="delegation">Null where the person said no.</param>
    bool Decide(Sha256Digest userCode, Delegation? delegation);

    /// <summary>One poll of this client; the delegation where it was taken.</summary>
    (DevicePoll Found, string? Delegation) Poll(Sha256Digest deviceCode, string clientId);

    /// <summary>It was taken, and nothing came of it.</summary>
    void GiveBack(Sha256Digest deviceCode);
}
