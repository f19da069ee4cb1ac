using System.Text.Json;
using Broker.Identity;
using Broker.Modules;
using Broker.Storage;

namespace Broker.Mail.Ses;

/// <summary>
/// Asks SES whether the sender may send: its address, then its domain (<c>GetEmailIdentity</c>). A yes is good for a
/// day, across restarts, and is renewed after half of it.
/// </summary>
internal sealed partial class SesVerification(
    SesEdge ses, MailOptions mail, StorageOptions storage, TimeProvider time, ILogger<SesVerification> log)
    : BackgroundService
{
    private const string Operation = "GetEmailIdentity";

    private static readonly TimeSpan Good = TimeSpan.FromHours(24);
    private static readonly TimeSpan Renewed = TimeSpan.FromHours(12);
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly string _file = Path.Combine(storage.DataFolder, "ses-verify.json");
    private SesVerified? _verified;
    private string _reason = "SES was not asked yet";

    private EmailAddress Sender => mail.From!;

    /// <summary>What <c>/readyz</c> says of it.</summary>
    public ReadinessCheck Check() => Age is { } age && age < Good
        ? new ReadinessCheck("tier2/ses", Readiness.Ready)
        : new ReadinessCheck("tier2/ses", Readiness.Degraded,
            $"the sender was not found verified in the last 24 hours: {_reason}");

    /// <summary>Null where it was never verified, or by a clock that was ahead.</summary>
    private TimeSpan? Age
    {
        get
        {
            if (_verified is not { } known || known.SenderEmail != Sender.ToString()) return null;
            var age = time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(known.LastVerifiedAt);
            return age < -Pause ? null : age;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _verified = SesVerified.Read(_file);
        using var timer = new PeriodicTimer(Pause, time);
        do
        {
            if (Age is not { } age || age >= Renewed) await AskAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task AskAsync(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(mail.Timeout);
        try
        {
            var fault = await FindFaultAsync(Sender.ToString(), limit.Token);
            if (fault is not null) fault = await FindFaultAsync(Sender.Domain, limit.Token);
            if (fault is null) Keep();
            else Tell(fault);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            Tell("SES did not answer in time");
        }
    }

    /// <summary>Null where the identity may send.</summary>
    private async Task<string?> FindFaultAsync(string identity, CancellationToken stop)
    {
        var call = new SesCall(Operation, HttpMethod.Get, $"/v2/email/identities/{SesCall.IdentityVariable}")
        {
            Identity = identity,
        };
        var reply = await ses.CallAsync(call, stop);
        if (reply.Refusal is { } unreachable) return unreachable.Detail;
        return reply.Value switch
        {
            { Error: "AccessDeniedException" } => "the broker's AWS identity lacks ses:GetEmailIdentity",
            { Error: "NotFoundException" } => "SES knows neither the sender's address nor its domain",
            { Error: { } code } => $"ses {Operation}: {code}",
            { Answer: var answer } => IsVerified(answer) ? null : "SES has not verified the sender yet",
        };
    }

    private static bool IsVerified(JsonElement answer) => answer.ValueKind == JsonValueKind.Object
        && answer.TryGetProperty("VerifiedForSendingStatus", out var status) && status.ValueKind == JsonValueKind.True;

    private void Keep()
    {
        var verified = new SesVerified(time.GetUtcNow().ToUnixTimeSeconds(), Sender.ToString());
        _verified = verified;
        try
        {
            verified.Write(_file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Known until the next start.
            LogNotKept(log, fault);
        }
    }

    private void Tell(string reason)
    {
        if (_reason != reason) LogNotVerified(log, reason);
        _reason = reason;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the sender of mails is not verified: {Reason}")]
    private static partial void LogNotVerified(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "ses-verify.json could not be written")]
    private static partial void LogNotKept(ILogger log, Exception fault);
}
