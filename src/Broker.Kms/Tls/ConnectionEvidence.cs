using System.Security.Cryptography.X509Certificates;
using Broker.Attestation.Evidence;
using Broker.Attestation.RaTls;
using Broker.Foundation.Results;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Broker.Kms.Tls;

/// <summary>
/// The evidence in one connection's client certificate: bound to the certificate's key and verified in full, once per
/// connection and minute, because a quote costs milliseconds and a connection carries many calls, and because a
/// platform may be revoked while it lasts. Refused evidence is not remembered: the next call tries again.
/// </summary>
internal sealed class ConnectionEvidence(AttestationVerifier verifier, TimeSpan memory, TimeProvider time)
{
    private static readonly object Key = typeof(ConnectionEvidence);
    private static readonly TimeSpan LongestMemory = TimeSpan.FromMinutes(1);

    private Known? _known;

    /// <summary>
    /// How long a verdict is kept where collateral is kept for <paramref name="maxAge"/>: a small part of it, since
    /// both add up.
    /// </summary>
    public static TimeSpan MemoryWithin(TimeSpan maxAge) =>
        maxAge < 2 * LongestMemory ? maxAge / 2 : LongestMemory;

    /// <summary>Gives each connection of a listener a place for its evidence. Goes between TLS and HTTP.</summary>
    /// <param name="next">The HTTP layer.</param>
    /// <param name="verifier">Judges the evidence.</param>
    /// <param name="memory">How long a verdict counts.</param>
    /// <param name="time">The clock.</param>
    public static ConnectionDelegate Attach(
        ConnectionDelegate next, AttestationVerifier verifier, TimeSpan memory, TimeProvider time) =>
        connection =>
        {
            connection.Items[Key] = new ConnectionEvidence(verifier, memory, time);
            return next(connection);
        };

    /// <summary>
    /// Who calls. A caller without certificate or evidence is a caller without attestation, which is no fault; evidence
    /// that does not hold is.
    /// </summary>
    public static async Task<Result<RpcCaller>> CallerAsync(HttpContext http, CancellationToken stop)
    {
        var items = http.Features.Get<IConnectionItemsFeature>()?.Items;
        if (items is null || !items.TryGetValue(Key, out var found) || found is not ConnectionEvidence evidence
            || http.Connection.ClientCertificate is not { } certificate)
        {
            return new RpcCaller(null, http.TraceIdentifier, http.Connection.RemoteIpAddress);
        }

        var verified = await evidence.VerifyAsync(certificate, stop);
        return verified.Refusal is { } refusal
            ? refusal
            : new RpcCaller(verified.Attestation, http.TraceIdentifier, http.Connection.RemoteIpAddress);
    }

    private async Task<(VerifiedAttestation? Attestation, Refusal? Refusal)> VerifyAsync(
        X509Certificate2 certificate, CancellationToken stop)
    {
        var known = Volatile.Read(ref _known);
        if (known is not null && time.GetElapsedTime(known.Since) < memory
            && time.GetUtcNow() <= known.Attestation.ValidUntil)
        {
            return (known.Attestation, null);
        }

        var began = time.GetTimestamp();

        var read = RaTlsCertificate.Read(certificate);
        if (!read.Succeeded) return (null, new Refusal(ConnectionRefusals.CertificateUnreadable, read.Error));
        if (read.Value.Attestation is not { } evidence) return (null, null);

        var verdict = await verifier.VerifyAsync(evidence, read.Value.ExpectedReportData(), time.GetUtcNow(), stop);
        if (verdict is not VerifiedAttestation verified)
            return (null, new Refusal(
                ConnectionRefusals.EvidenceRefused, ((RefusedAttestation)verdict).Refusal.Message));

        Volatile.Write(ref _known, new Known(verified, began));
        return (verified, null);
    }

    private sealed record Known(VerifiedAttestation Attestation, long Since);
}
