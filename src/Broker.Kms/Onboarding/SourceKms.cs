using System.Security.Cryptography;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Attestation.RaTls;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Kms.Authorization;
using Broker.Kms.Certificates;
using Broker.Kms.Configuration;
using Broker.Kms.Keys;
using Broker.Kms.Machine;
using Broker.Kms.Prpc.Messages;
using Broker.Kms.Tls;
using Microsoft.Extensions.Logging;

namespace Broker.Kms.Onboarding;

/// <summary>
/// Fetches the keys of another KMS (kms-protocol §8.3). The first connection finds out who the source is; the second,
/// which carries the roots, is held to the very key that was attested on the first, and what it brings must agree with
/// what the first brought. Nothing is stored here.
/// </summary>
internal sealed class SourceKms(
    KmsOptions options,
    IGuestAgent agent,
    SelfIdentity machine,
    AttestationVerifier verifier,
    IBootAuthority authority,
    TimeProvider time,
    ILogger<SourceKms> log)
{
    /// <summary>For each of the two calls.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Fetches, checks and certifies a replica's key set.</summary>
    public async Task<Result<NewIdentity>> FetchAsync(string sourceUrl, string domain, CancellationToken stop)
    {
        var baseUrl = sourceUrl.TrimEnd('/');
        if (!baseUrl.EndsWith("/prpc", StringComparison.Ordinal)) baseUrl += "/prpc";
        if (AddressRefusal(baseUrl) is { } unusable) return unusable;

        // 1. Who is there? Its temp CA, and evidence in its server certificate, bound to that certificate's key.
        using var first = new SourceConnection(Timeout, log);
        var greeting = await first.PostAsync(baseUrl, "GetTempCaCert", new Nothing(), stop);
        var source = greeting.IsRefused ? NoKms() : await IdentifyAsync(first, stop);
        if (source.IsRefused)
            return source.Refusal.Within(Unattested(baseUrl));
        var tempCa = greeting.Value.Read<GetTempCaCertResponse>();
        if (tempCa.IsRefused) return tempCa.Refusal;

        // 2. Ourselves: a client certificate under that temp CA, with our evidence.
        var tempCaKey = ReadKey(tempCa.Value.TempCaKey);
        if (tempCaKey is null) return InvalidKeys("the source's temp CA key cannot be read");
        var clientKey = P256PrivateKey.Generate();
        var evidence = await RpcEvidence.ForKeyAsync(agent, clientKey, stop);
        if (evidence.IsRefused) return evidence.Refusal;
        var clientPem = KmsCertificates.RaTlsClient(clientKey, evidence.Value.Bytes!, tempCaKey, time.GetUtcNow());

        // 3. May the source be our source? Our own authority decides.
        if (await SourceRefusalAsync(source.Value, stop) is { } denied)
            return denied.Within("Source KMS is not allowed for onboarding");

        // 4. The roots, from the same key that was attested.
        var vmConfig = await agent.VmConfigAsync(stop);
        if (vmConfig.IsRefused) return vmConfig.Refusal.Within("Failed to get info");
        using var clientCertificate = ServerCertificate.From(clientPem, clientKey);
        var sourceKey = first.ServerCertificate!.PublicKey.ExportSubjectPublicKeyInfo();
        using var second = new SourceConnection(Timeout, log, sourceKey, clientCertificate);
        var answer = await second.PostAsync(
            baseUrl, "GetKmsKey", new GetKmsKeyRequest { VmConfig = vmConfig.Value }, stop);
        if (answer.IsRefused) return answer.Refusal;
        var keys = answer.Value.Read<KmsKeyResponse>();
        if (keys.IsRefused) return keys.Refusal;

        // 5. One set, that agrees with the first connection; certified afresh for our own name.
        var roots = ReadRoots(keys.Value, tempCaKey, tempCa.Value.CaCert);
        return roots.IsRefused ? roots.Refusal : await CertifyAsync(roots.Value, domain, stop);
    }

    /// <summary>Nothing is dialled without TLS, and no address smuggles credentials or a query in.</summary>
    private static Refusal? AddressRefusal(string baseUrl)
    {
        const string wanted = "source_url must be an https:// address";
        if (!Uri.TryCreate(baseUrl, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http"))
            return new Refusal(OnboardingRefusals.SourceAddressInvalid, wanted);
        if (address.Scheme == "http")
        {
            return new Refusal(OnboardingRefusals.SourceAddressInvalid, "No TLS info in response")
                .Within(Unattested(baseUrl))
                .Within(wanted);
        }

        return address.UserInfo.Length > 0 || address.Query.Length > 0 || address.Fragment.Length > 0
            ? new Refusal(
                OnboardingRefusals.SourceAddressInvalid, $"{wanted} without user, query and fragment")
            : null;
    }

    private async Task<Result<VerifiedAttestation>> IdentifyAsync(SourceConnection connection, CancellationToken stop)
    {
        if (connection.ServerCertificate is not { } shown) return NoKms();
        var certificate = RaTlsCertificate.Read(shown);
        if (!certificate.Succeeded || certificate.Value.Attestation is not { } evidence) return NoKms();

        var verdict = await verifier.VerifyAsync(
            evidence, certificate.Value.ExpectedReportData(), time.GetUtcNow(), stop);
        return verdict is VerifiedAttestation verified
            ? verified
            : Unproven("failed to verify the attestation report presented by the server: "
                + ((RefusedAttestation)verdict).Refusal.Message);
    }

    private static string Unattested(string baseUrl) =>
        $"failed to validate the server attestation of {ForeignText.Address(baseUrl)}";

    /// <summary>
    /// One text for a port that is closed, silent, without TLS or without evidence: what is behind an address is told
    /// only once it is known to be a KMS.
    /// </summary>
    private static Result<VerifiedAttestation> NoKms() => Unproven(
        "it gives no usable answer, or: Source KMS certificate does not contain attestation");

    private async Task<Refusal?> SourceRefusalAsync(VerifiedAttestation source, CancellationToken stop)
    {
        var boot = source.DecodeBootInfo("", MeasurementView.Full);
        if (!boot.Succeeded) return Unproven(boot.Error);

        // Certificates of older KMS versions do not say which image they run; ours stands in for the comparison.
        var asked = boot.Value;
        if (asked.OsImageHash.IsEmpty && await machine.ReadAsync(stop) is { IsRefused: false } ours)
            asked = asked with { OsImageHash = ours.Value.OsImageHash };

        var decision = await authority.DecideAsync(BootRole.Kms, asked, stop);
        if (decision.IsRefused) return decision.Refusal;
        return decision.Value.IsAllowed
            ? null
            : new Refusal(OnboardingRefusals.SourceDenied, $"boot denied: {decision.Value.Reason}");
    }

    private static Result<RootKeys> ReadRoots(KmsKeyResponse received, P256PrivateKey tempCa, string caCertificatePem)
    {
        if (received.Keys.Count != 1) return InvalidKeys($"{received.Keys.Count} key sets where one belongs");
        if (ReadKey(received.Keys[0].CaKey) is not { } ca) return InvalidKeys("the root CA key cannot be read");
        if (ReadKey(received.TempCaKey)?.PublicPoint.AsSpan().SequenceEqual(tempCa.PublicPoint) != true)
            return InvalidKeys("the temp CA key differs from the one that was shown first");
        if (!CertifiesKey(caCertificatePem, ca))
            return InvalidKeys("the root CA key is not that of the root CA certificate that was shown first");
        try
        {
            return new RootKeys(ca, tempCa, RootKeys.ReadK256(received.Keys[0].K256Key.Span));
        }
        catch (CryptographicException)
        {
            return InvalidKeys("the secp256k1 key cannot be read");
        }
    }

    private async Task<Result<NewIdentity>> CertifyAsync(RootKeys roots, string domain, CancellationToken stop)
    {
        var rpcKey = P256PrivateKey.Generate();
        var evidence = await RpcEvidence.ForServerAsync(options, agent, rpcKey, stop);
        if (evidence.IsRefused) return evidence.Refusal;
        var identity = KmsIdentity.Certify(roots, rpcKey, domain, evidence.Value.Bytes, time.GetUtcNow());
        return new NewIdentity(identity, domain, Published: null);
    }

    private static P256PrivateKey? ReadKey(string pem)
    {
        try
        {
            return P256PrivateKey.FromPem(pem);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static bool CertifiesKey(string certificatePem, P256PrivateKey key)
    {
        try
        {
            using var certificate = KmsCertificates.Read(certificatePem);
            return certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.SubjectPublicKeyInfo);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static Refusal Unproven(string text) => new(OnboardingRefusals.SourceUnproven, text);

    private static Refusal InvalidKeys(string why) => new(OnboardingRefusals.SourceKeysInvalid, $"Invalid keys: {why}");
}
