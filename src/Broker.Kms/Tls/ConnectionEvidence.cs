using System.Security.Cryptography.X509Certificates;
using Broker.Attestation.Dstack;
using Broker.Attestation.RaTls;
using Broker.Kms.Prpc;
using Broker.Ledger;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Broker.Kms.Tls;

/// <summary>
/// The evidence in one connection's client certificate: bound to the certificate's key and verified in full, once per
/// connection, because a quote costs milliseconds and a connection carries many calls. It is verified again once the
/// collateral behind the verdict has ended. Refused evidence is not remembered: the next call tries again.
/// </summary>
internal sealed class ConnectionEvidence(AttestationVerifier verifier, TimeProvider time)
{
    private static readonly object Key = typeof(ConnectionEvidence);

    private VerifiedAttestation? _verified;

    /// <summary>Gives each connection of a listener a place for its evidence. Goes between TLS and HTTP.</summary>
    public static ConnectionDelegate Attach(ConnectionDelegate next, AttestationVerifier verifier, TimeProvider time) =>
        connection =>
        {
            connection.Items[Key] = new ConnectionEvidence(verifier, time);
            return next(connection);
        };

    /// <summary>
    /// Who calls. A caller without certificate or evidence is a caller without attestation, which is no fault; evidence
    /// that does not hold is.
    /// </summary>
    public static async Task<Verdict<RpcCaller>> CallerAsync(HttpContext http, CancellationToken stop)
    {
        var items = http.Features.Get<IConnectionItemsFeature>()?.Items;
        if (items is null || !items.TryGetValue(Key, out var found) || found is not ConnectionEvidence evidence
            || http.Connection.ClientCertificate is not { } certificate)
        {
            return new RpcCaller(null, http.TraceIdentifier);
        }

        var verified = await evidence.VerifyAsync(certificate, stop);
        return verified.Refusal is { } refusal ? refusal : new RpcCaller(verified.Attestation, http.TraceIdentifier);
    }

    private async Task<(VerifiedAttestation? Attestation, Refusal? Refusal)> VerifyAsync(
        X509Certificate2 certificate, CancellationToken stop)
    {
        var known = Volatile.Read(ref _verified);
        if (known is not null && time.GetUtcNow() <= known.Quote.ValidUntil) return (known, null);

        var read = RaTlsCertificate.Read(certificate);
        if (!read.Succeeded) return (null, new Refusal(read.Error, LedgerOutcome.BadRequest));
        if (read.Value.Attestation is not { } evidence) return (null, null);

        var verdict = await verifier.VerifyAsync(evidence, read.Value.ExpectedReportData(), time.GetUtcNow(), stop);
        if (verdict is not VerifiedAttestation verified)
            return (null, new Refusal(((RefusedAttestation)verdict).Refusal.Message, LedgerOutcome.AuthFailed));

        Volatile.Write(ref _verified, verified);
        return (verified, null);
    }
}
