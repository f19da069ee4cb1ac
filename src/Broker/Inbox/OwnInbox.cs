using Broker.Aws;
using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Inbox.Messages;
using Broker.Refusals;

namespace Broker.Inbox;

/// <summary>A message and what is in it.</summary>
internal sealed record OpenedMail(StoredMail Stored, ReadMessage Message);

/// <summary>What a caller's prefixes hold, newest first.</summary>
/// <param name="Denied">Prefixes that S3 does not let the caller list, where it lets another.</param>
internal sealed record OwnMail(IReadOnlyList<StoredMail> Messages, bool IsComplete, IReadOnlyList<string> Denied);

/// <summary>
/// The caller's own mail: below <c>bots/&lt;omni&gt;/inbound/</c>, and for a caller with a wallet below
/// <c>bots/&lt;wallet&gt;/inbound/</c> (decision C20). No more than a few messages are taken apart at once, so that
/// their memory is bounded in all.
/// </summary>
internal sealed class OwnInbox(
    CallerCredentials credentials, MailBucket bucket, InboxOptions options, InboxMetrics metrics, TimeProvider time)
    : IDisposable
{
    private const int AtOnce = 4;

    private readonly SemaphoreSlim _places = new(AtOnce);

    public ValueTask<Result<OwnMail>> ListAsync(VerifiedCaller caller, Attempt attempt, CancellationToken stop) =>
        ReadAsync(caller, attempt, (given, limit) => ListAsync(given, PrefixesOf(caller), limit), stop);

    public ValueTask<Result<OpenedMail>> OpenAsync(
        VerifiedCaller caller, Attempt attempt, MessageId id, CancellationToken stop) =>
        ReadAsync(caller, attempt, (given, limit) => OpenAsync(given, PrefixesOf(caller), id, limit), stop);

    public void Dispose() => _places.Dispose();

    private static string[] PrefixesOf(VerifiedCaller caller) => caller.Wallet is { } wallet
        ? [$"bots/{caller.Actor}/inbound/", $"bots/{wallet}/inbound/"]
        : [$"bots/{caller.Actor}/inbound/"];

    /// <summary>
    /// Reads within the time-out. Credentials that were kept and do not hold any more are replaced once.
    /// </summary>
    private async ValueTask<Result<T>> ReadAsync<T>(
        VerifiedCaller caller, Attempt attempt, Func<StsCredentials, CancellationToken, Task<Result<T>>> read,
        CancellationToken stop)
        where T : notnull
    {
        var hasFailed = true;
        try
        {
            var answer = await ReadOnceAsync(caller, attempt, read, stop);
            hasFailed = answer.IsRefused;
            return answer;
        }
        finally
        {
            metrics.Count(hasFailed);
        }
    }

    private async ValueTask<Result<T>> ReadOnceAsync<T>(
        VerifiedCaller caller, Attempt attempt, Func<StsCredentials, CancellationToken, Task<Result<T>>> read,
        CancellationToken stop)
        where T : notnull
    {
        if (options.Bucket is null)
            return new Refusal(InboxRefusals.NotConfigured, "this broker has no bucket for inbound mail");
        while (true)
        {
            var held = await credentials.GetAsync(caller, attempt);
            if (held.Refusal is { } notIssued) return notIssued;
            var answer = await WithinTimeoutAsync(limit => read(held.Value.Credentials, limit), stop);
            if (answer.Refusal?.Code != InboxRefusals.CredentialsRefused) return answer;
            credentials.Drop(caller, held.Value.Credentials);
            if (!held.Value.WereKept) return answer;
        }
    }

    private async Task<Result<T>> WithinTimeoutAsync<T>(
        Func<CancellationToken, Task<Result<T>>> read, CancellationToken stop)
        where T : notnull
    {
        using var timeout = new CancellationTokenSource(options.Timeout, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            return await read(limit.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new Refusal(InboxRefusals.Unreachable, "S3 did not answer in time");
        }
    }

    private async Task<Result<OwnMail>> ListAsync(StsCredentials given, string[] prefixes, CancellationToken limit)
    {
        var found = new Dictionary<MessageId, StoredMail>();
        var isComplete = true;
        var denied = new List<string>();
        Refusal? last = null;
        foreach (var prefix in prefixes)
        {
            var listed = await bucket.ListAsync(given, prefix, limit);
            if (listed.Refusal is { } refusal)
            {
                if (refusal.Code != InboxRefusals.Denied) return refusal;
                denied.Add(prefix);
                last = refusal;
                continue;
            }

            isComplete &= listed.Value.IsComplete;
            foreach (var one in listed.Value.Messages) found.TryAdd(one.Id, one);
        }

        if (denied.Count == prefixes.Length) return last!;
        return new OwnMail([.. found.Values.OrderBy(MailPosition.Of)], isComplete, denied);
    }

    private async Task<Result<OpenedMail>> OpenAsync(
        StsCredentials given, string[] prefixes, MessageId id, CancellationToken limit)
    {
        var found = await FindAsync(given, prefixes, id, limit);
        if (found.Refusal is { } missing) return missing;
        if (found.Value.Size > options.MessageLimit)
        {
            return new Refusal(MessageRefusals.TooLarge,
                $"the message has {found.Value.Size} bytes, the limit is {options.MessageLimit}");
        }

        await _places.WaitAsync(limit);
        try
        {
            var bytes = await bucket.FetchAsync(given, found.Value, limit);
            if (bytes.Refusal is { } failed) return failed;
            var message = MessageReader.Read(bytes.Value);
            return message.Refusal is { } unreadable ? unreadable : new OpenedMail(found.Value, message.Value);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>In the first prefix that has it. A denied one tells nothing where another can be looked at.</summary>
    private async Task<Result<StoredMail>> FindAsync(
        StsCredentials given, string[] prefixes, MessageId id, CancellationToken limit)
    {
        var refusals = new List<Refusal>();
        foreach (var prefix in prefixes)
        {
            var found = await bucket.FindAsync(given, prefix, id, limit);
            if (found.Refusal is not { } refusal) return found;
            if (refusal.Code != InboxRefusals.UnknownMessage && refusal.Code != InboxRefusals.Denied) return refusal;
            refusals.Add(refusal);
        }

        return refusals.Find(one => one.Code == InboxRefusals.UnknownMessage) ?? refusals[0];
    }
}
