using Broker.Foundation.Results;
using Broker.Kms.Authorization;
using Broker.Kms.Certificates;
using Broker.Kms.Configuration;
using Broker.Kms.Keys;
using Broker.Kms.Machine;
using Broker.Kms.Records;
using Microsoft.Extensions.Logging;

namespace Broker.Kms.Onboarding;

/// <summary>
/// Brings the first keys of a KMS into being. One at a time; keys that exist are never replaced; the ledger holds the
/// event before a file is written; and the files appear whole or not at all.
/// </summary>
internal sealed partial class KeyCeremony(
    KmsOptions options,
    KeyDirectory folder,
    IGuestAgent agent,
    SelfIdentity machine,
    SelfAuthorization self,
    KmsRecords records,
    TimeProvider time,
    ILogger<KeyCeremony> log)
{
    private static readonly Refusal AlreadyBootstrapped =
        new(OnboardingRefusals.KeysExist, "KMS has already been bootstrapped");

    /// <summary>Only one of bootstrap and onboarding happens at a time.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>New roots, for a KMS of its own. Needs the machine's evidence over both public keys.</summary>
    public async Task<Result<NewIdentity>> BootstrapAsync(string domain, string requestId, CancellationToken stop)
    {
        if (folder.HasRootKey || folder.Has(KeyDirectory.BootstrapInfo))
            return await RefuseAsync(AlreadyBootstrapped, requestId, stop);
        if (await self.BootstrapRefusalAsync(stop) is { } denied)
            return await RefuseAsync(denied.Within("KMS is not allowed to bootstrap"), requestId, stop);

        var made = await MakeAsync(domain, stop);
        if (made.IsRefused) return await RefuseAsync(made.Refusal, requestId, stop);
        var published = await PublishAsync(made.Value.Identity.Roots, stop);
        if (published.IsRefused) return await RefuseAsync(published.Refusal, requestId, stop);

        return await StoreAsync(made.Value with { Published = published.Value }, KmsAction.Bootstrap, requestId, stop);
    }

    /// <summary>New roots without an operator, when the process starts; nothing is published.</summary>
    public async Task<Result<NewIdentity>> AutoBootstrapAsync(CancellationToken stop)
    {
        const string requestId = "auto-bootstrap";
        var domain = options.AutoBootstrapDomain;
        if (DomainName.Fault(domain) is { } fault)
            return await RefuseAsync(new Refusal(OnboardingRefusals.DomainInvalid, fault), requestId, stop);
        if (folder.HasRootKey) return await RefuseAsync(AlreadyBootstrapped, requestId, stop);
        if (await self.BootstrapRefusalAsync(stop) is { } denied)
            return await RefuseAsync(denied.Within("KMS is not allowed to auto-bootstrap"), requestId, stop);

        var made = await MakeAsync(domain, stop);
        return made.IsRefused
            ? await RefuseAsync(made.Refusal, requestId, stop)
            : await StoreAsync(made.Value, KmsAction.Bootstrap, requestId, stop);
    }

    /// <summary>Puts a new key set on record and then on disk.</summary>
    public async Task<Result<NewIdentity>> StoreAsync(
        NewIdentity made, KmsAction action, string requestId, CancellationToken stop)
    {
        records.Open(made.Identity.Roots);
        var recorded = await records.RecordAsync(action, made, await SubjectAsync(stop), requestId);
        var released = recorded.Redeem().What;
        try
        {
            folder.Store(released.ToFiles());
            return released;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            LogNotStored(unwritable);
            var refusal = new Refusal(
                OnboardingRefusals.KeysNotStored, "Failed to store keys: the key folder cannot be written");
            return await records.RefuseAsync(action, refusal, await SubjectAsync(stop), requestId, address: null);
        }
    }

    /// <summary>This machine's name in the ledger; unknown where it has no evidence of itself.</summary>
    public async Task<KmsSubject> SubjectAsync(CancellationToken stop)
    {
        var boot = await machine.ReadAsync(stop);
        return boot.IsRefused ? KmsSubject.Unknown : KmsSubject.Of(BootRole.Kms, boot.Value);
    }

    private async Task<Result<NewIdentity>> MakeAsync(string domain, CancellationToken stop)
    {
        var roots = RootKeys.Generate();
        var rpcKey = P256PrivateKey.Generate();
        var evidence = await RpcEvidence.ForServerAsync(options, agent, rpcKey, stop);
        if (evidence.IsRefused) return evidence.Refusal.Within("Failed to generate keys");
        var identity = KmsIdentity.Certify(roots, rpcKey, domain, evidence.Value.Bytes, time.GetUtcNow());
        return new NewIdentity(identity, domain, Published: null);
    }

    private async Task<Result<BootstrapInfo>> PublishAsync(RootKeys roots, CancellationToken stop)
    {
        var caPublicKey = roots.Ca.SubjectPublicKeyInfo;
        var quoted = await agent.AttestAsync(BootstrapStatement.ReportData(caPublicKey, roots.K256PublicKey), stop);
        if (quoted.IsRefused) return quoted.Refusal.Within("Failed to attest keys");
        return new BootstrapInfo
        {
            CaPublicKey = Convert.ToHexStringLower(caPublicKey),
            K256PublicKey = Convert.ToHexStringLower(roots.K256PublicKey),
            Attestation = Convert.ToHexStringLower(quoted.Value),
        };
    }

    private async Task<Refusal> RefuseAsync(Refusal refusal, string requestId, CancellationToken stop) =>
        await records.RefuseAsync(
            KmsAction.Bootstrap, refusal, await SubjectAsync(stop), requestId, address: null);

    [LoggerMessage(LogLevel.Error, "The keys cannot be stored; see BROKER_KMS_CERT_DIR")]
    private partial void LogNotStored(Exception unwritable);
}
