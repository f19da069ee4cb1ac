using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.OAuth.Clients;
using Broker.OAuth.Delegations;
using Broker.OAuth.Protocol;
using Broker.Refusals;

namespace Broker.OAuth.Device;

/// <summary>
/// A person's word on what a device asks for; on the page and over HTTP. What was decided is on record before a poll can
/// find it.
/// </summary>
internal sealed class DecideDevice(
    IDeviceStore devices, IDelegationStore delegations, OAuthClients clients, EndDelegation end, ReleaseLedger ledger,
    TimeProvider time)
{
    private const string How = "device_code";

    /// <summary>A person mistypes a few times. Who guesses needs some thousand million.</summary>
    private const int WrongPerMinute = 10;

    private readonly RateWindows _windows = new(time, RateWindows.Minute);

    /// <summary>What this code asks for, and the client that asks.</summary>
    public Result<(DeviceAuthorization Asked, OAuthClient Client)> Look(
        HttpContext http, Approver approver, string written)
    {
        string[] keys = [$"omni {approver.Session.Identity.Omni}", $"address {ClientAddress.Of(http)}"];
        if (keys.Max(key => _windows.Take(key, WrongPerMinute)) is { } wait)
            return new Refusal(DeviceRefusals.GuessesRateLimited, "too many wrong codes") { RetryAfter = wait };

        if (UserCode.Read(written) is { } code && devices.FindOpen(Sha256Digest.Of(code)) is { } asked
            && clients.Known(asked.Terms.ClientId) is { } client)
        {
            foreach (var key in keys) _windows.GiveBack(key);
            return (asked, client);
        }

        return new Refusal(DeviceRefusals.UnknownUserCode, "no device waits for a word on this code");
    }

    /// <summary>Null when the word was taken: the first one, for good.</summary>
    /// <exception cref="LedgerUnavailableException">The ledger does not hold it; the device waits on.</exception>
    public async ValueTask<Refusal?> RunAsync(
        HttpContext http, Attempt attempt, Approver approver, string written, bool isApproved)
    {
        var look = Look(http, approver, written);
        if (look.Refusal is { } unknown) return unknown;
        var asked = look.Value.Asked;
        var delegation = new Delegation(
            Delegation.NewId(), approver.Session.Identity, asked.Terms, How, approver.Session.IssuedAt, null);

        // On record, then in force: a poll between the two still waits.
        var now = time.GetUtcNow();
        await ledger.AppendAsync(
            isApproved
                ? DelegationChange.Granted(delegation, approver.Bearer, attempt.RequestId, now)
                : DelegationChange.Denied(delegation, approver.Bearer, attempt.RequestId, now),
            CancellationToken.None);
        if (isApproved) delegations.Add(delegation);
        if (devices.Decide(asked.UserCode, isApproved ? delegation : null)) return null;
        if (isApproved) await end.RunAsync(delegation, attempt.RequestId, "another word came first");
        return new Refusal(DeviceRefusals.UnknownUserCode, "another word on this code came first, or it has expired");
    }
}
