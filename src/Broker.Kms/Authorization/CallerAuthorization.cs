using Broker.Attestation.Apps;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Foundation.Results;
using Broker.Kms.Configuration;

namespace Broker.Kms.Authorization;

/// <summary>
/// From evidence that holds to a caller who may: measurements, the authority's decision, the OS image, the gates, in
/// this order (kms-protocol §8.2). Only this makes an <see cref="ApprovedCaller"/>.
/// </summary>
internal sealed class CallerAuthorization(KmsOptions options, IBootAuthority authority, OsImageCheck image)
{
    /// <summary>Judges a caller.</summary>
    /// <param name="role">As what it asks.</param>
    /// <param name="evidence">Verified and bound to the caller's key.</param>
    /// <param name="vmConfig">The request's; empty takes the attestation's own.</param>
    /// <param name="view">Which part of the event log counts.</param>
    /// <param name="stop">Ends the wait.</param>
    public async Task<CallerVerdict> ApproveAsync(
        BootRole role, VerifiedAttestation evidence, string vmConfig, MeasurementView view, CancellationToken stop)
    {
        // On SEV-SNP this proves the image already; on TDX the image's hash is a claim until it is checked below.
        var machine = evidence as VerifiedTdxAttestation;
        var config = machine?.ReadVmConfig(vmConfig);
        var boot = config switch
        {
            null => evidence.DecodeBootInfo(vmConfig, view),
            { Succeeded: true, Value: var read } => machine!.DecodeBootInfo(read, view),
            { } unread => unread.RefusedAs<BootInfo>(),
        };
        if (!boot.Succeeded)
        {
            var unreadable = new Refusal(AuthorizationRefusals.MeasurementsUnreadable, boot.Error);
            return CallerVerdict.Refused(unreadable, KmsSubject.Unknown);
        }

        var subject = KmsSubject.Of(role, boot.Value);

        var decision = await authority.DecideAsync(role, boot.Value, stop);
        if (decision.IsRefused) return CallerVerdict.Refused(decision.Refusal, subject);
        if (!decision.Value.IsAllowed)
        {
            return CallerVerdict.Refused(
                new Refusal(AuthorizationRefusals.BootDenied, $"Boot denied: {decision.Value.Reason}"), subject);
        }

        if (machine is not null
            && await image.RefusalAsync(machine, config!.Value.Value!, stop) is { } wrongImage)
        {
            return CallerVerdict.Refused(wrongImage, subject);
        }

        return ReleaseGates.Check(options, boot.Value) is { } closed
            ? CallerVerdict.Refused(closed, subject)
            : CallerVerdict.Approved(new ApprovedCaller(boot.Value, decision.Value.GatewayAppId, subject));
    }
}

/// <summary>
/// An approved caller, or why not and who it was as far as that is known. No <see cref="Result{T}"/>, for the ledger
/// names who was refused.
/// </summary>
internal sealed record CallerVerdict
{
    private CallerVerdict(ApprovedCaller? caller, Refusal? refusal, KmsSubject subject)
    {
        Caller = caller;
        Refusal = refusal;
        Subject = subject;
    }

    public ApprovedCaller? Caller { get; }

    public Refusal? Refusal { get; }

    /// <summary>For the ledger.</summary>
    public KmsSubject Subject { get; }

    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(Refusal))]
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(false, nameof(Caller))]
    public bool IsRefused => Refusal is not null;

    public static CallerVerdict Approved(ApprovedCaller caller) => new(caller, null, caller.Subject);

    public static CallerVerdict Refused(Refusal refusal, KmsSubject subject) => new(null, refusal, subject);
}
