using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Broker.Attestation.Collateral;
using Broker.Attestation.Evidence;
using Broker.Attestation.Issuers;
using Broker.Attestation.Quotes;
using Broker.Attestation.RaTls;
using Broker.Attestation.Verification;
using Broker.Foundation;
using Broker.Ledger.Notes;

namespace Broker.Cli.Issuer;

/// <summary>
/// Judges what an issuer publishes of itself, without a network: the quote by the collateral that came with it, what
/// the quote is over, how old it is, what was measured, the published keys and their certificates, the newest
/// checkpoint by the ledger's key that the quote is over, and a receipt by the same key. The page at <c>/verify</c>
/// makes the same checks under the same names and codes.
/// </summary>
internal sealed class IssuerVerifier(TrustAnchors anchors)
{
    /// <summary>So much may the machine's clock be ahead of ours.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    public async Task<IssuerReport> VerifyAsync(IssuerFiles files, IssuerDemands demands, CancellationToken stop)
    {
        var read = IssuerEvidenceDocument.Read(files.Evidence);
        if (!read.Succeeded) return new IssuerReport([Failed("evidence", "EVIDENCE_MALFORMED", read.Error)]);
        var evidence = read.Value;
        var statement = evidence.Statement;
        var attestations = new AttestationVerifier(
            new CollateralBackedVerifier(anchors, new GivenCollateral(evidence.Collateral)));
        var verdict = await attestations.VerifyAsync(evidence.Attestation, null, demands.Now, stop);
        var measured = verdict is VerifiedAttestation verified ? MeasuredValues.Of(verified) : null;
        var keys = KeySetReader.Read(files.Jwks);

        var checkpoint = CheckCheckpoint(files.Checkpoint, statement.LedgerKey, out var newest);
        var checks = new List<IssuerCheck>
        {
            CheckQuote(verdict),
            CheckTcb(measured, demands),
            CheckBinding(evidence),
            CheckIssuer(files.Discovery, statement, demands),
            CheckFreshness(statement, files.Nonce, demands),
            CheckMeasurements(measured, demands),
            CheckKeys(keys.Value, keys.Error, statement),
            await CheckCertificatesAsync(keys.Value ?? [], measured, attestations, demands, stop),
            checkpoint,
        };
        if (demands.Receipt is { } receipt) checks.Add(CheckReceipt(receipt, statement.LedgerKey, newest));
        return new IssuerReport(checks)
        {
            Statement = statement,
            Tee = evidence.Attestation is TdxAttestation ? "tdx" : "sev-snp",
            Measured = measured,
            Checkpoint = newest,
        };
    }

    private static IssuerCheck CheckQuote(AttestationVerdict verdict) => verdict switch
    {
        VerifiedAttestation verified => Ok(
            "quote", $"a genuine machine made it; holds until {verified.ValidUntil:u}"),
        RefusedAttestation refused => Failed("quote", refused.Refusal.Code, refused.Refusal.Message),
        _ => throw new InvalidOperationException($"internal error: a verdict of type {verdict.GetType()}"),
    };

    /// <summary>A platform that its maker calls out of date is taken only by whoever names that status.</summary>
    private static IssuerCheck CheckTcb(MeasuredValues? measured, IssuerDemands demands)
    {
        if (measured?.Find("tcb_status") is not { } status) return NotChecked("tcb", "the quote does not hold");
        var isTaken = demands.Expectations.Names("tcb_status", status)
            || !status.StartsWith("OutOfDate", StringComparison.Ordinal);
        return isTaken
            ? Ok("tcb", $"the maker calls the platform {status}")
            : Failed(
                "tcb", "TCB_STATUS", $"the maker calls the platform {status}; --expect tcb_status={status} takes it");
    }

    private static IssuerCheck CheckBinding(IssuerEvidenceDocument evidence) =>
        CryptographicOperations.FixedTimeEquals(
            evidence.Attestation.ReportData.Span, evidence.Statement.ReportData())
            ? Ok("binding", "the quote is over issuer, time, nonce, keys and ledger key")
            : Failed("binding", "REPORT_DATA_MISMATCH", "the quote is over something else than the evidence says");

    private static IssuerCheck CheckIssuer(byte[] discovery, IssuerStatement statement, IssuerDemands demands)
    {
        if (IssuerOf(discovery) is not { } named)
            return Failed("issuer", "DISCOVERY_MALFORMED", "the discovery document names no issuer");
        if (named != demands.Issuer)
            return Failed("issuer", "ISSUER_MISMATCH", $"discovery is of {named}, not of {demands.Issuer}");
        return statement.Issuer == demands.Issuer
            ? Ok("issuer", demands.Issuer)
            : Failed("issuer", "ISSUER_MISMATCH", $"the evidence is of {statement.Issuer}, not of {demands.Issuer}");
    }

    private static IssuerCheck CheckFreshness(IssuerStatement statement, string? nonce, IssuerDemands demands)
    {
        if (nonce is not null && Convert.ToHexStringLower(statement.Nonce.Span) != nonce)
            return Failed("freshness", "NONCE_MISMATCH", "not over the nonce that it was asked for with");
        if (statement.MadeAt < demands.Oldest)
            return Failed("freshness", "EVIDENCE_STALE", $"made {statement.MadeAt:u}, which is too long ago");
        if (statement.MadeAt > demands.Now + Skew)
            return Failed("freshness", "EVIDENCE_NOT_YET_VALID", $"made {statement.MadeAt:u}, which is yet to come");
        return Ok("freshness", $"made {statement.MadeAt:u}{(nonce is null ? "" : " for this nonce")}");
    }

    private static IssuerCheck CheckMeasurements(MeasuredValues? measured, IssuerDemands demands)
    {
        if (measured is null) return NotChecked("measurements", "the quote does not hold");
        if (!demands.Expectations.Any)
            return NotChecked("measurements", "no --expect says which code may hold the keys");
        return demands.Expectations.FindFault(measured) is { } fault
            ? Failed("measurements", "MEASUREMENT_MISMATCH", $"{fault.Name} is {fault.Measured ?? "not measured"}")
            : Ok("measurements", $"as expected: {demands.Expectations}");
    }

    private static IssuerCheck CheckKeys(
        IReadOnlyList<PublishedJwk>? keys, string? error, IssuerStatement statement)
    {
        if (keys is null) return Failed("keys", "JWKS_MALFORMED", error!);
        var published = keys.Select(key => key.Thumbprint).ToHashSet(StringComparer.Ordinal);
        return published.SetEquals(statement.Keys)
            ? Ok("keys", $"{published.Count} published, all of them in the evidence")
            : Failed("keys", "KEYS_MISMATCH", "the published keys are not those of the evidence");
    }

    /// <summary>
    /// A certificate beside a key is of that key. Where it carries evidence of its own, that is over the key and of a
    /// machine with the same measurements.
    /// </summary>
    private static async Task<IssuerCheck> CheckCertificatesAsync(
        IReadOnlyList<PublishedJwk> keys, MeasuredValues? measured, AttestationVerifier attestations,
        IssuerDemands demands, CancellationToken stop)
    {
        const string name = "certificates";
        var attested = 0;
        foreach (var key in keys)
        {
            if (key.Certificate is not { } encoded) continue;
            X509Certificate2 certificate;
            try
            {
                certificate = X509CertificateLoader.LoadCertificate(encoded);
            }
            catch (CryptographicException)
            {
                return Failed(name, "CERTIFICATE_MALFORMED", "x5c holds something else than a certificate");
            }

            using (certificate)
            {
                if (!key.IsOf(certificate))
                    return Failed(name, "CERTIFICATE_MISMATCH", "a certificate is of another key than the one beside it");
                var extensions = RaTlsCertificate.Read(certificate);
                if (!extensions.Succeeded) return Failed(name, "CERTIFICATE_MALFORMED", extensions.Error);
                if (extensions.Value.Attestation is not { } attestation) continue;
                var verdict = await attestations.VerifyAsync(
                    attestation, extensions.Value.ExpectedReportData(), demands.Now, stop);
                if (verdict is RefusedAttestation refused)
                    return Failed(name, "CERTIFICATE_EVIDENCE", refused.Refusal.ToString());
                if (MeasuredValues.Of((VerifiedAttestation)verdict).Find("mr_aggregated")
                    != measured?.Find("mr_aggregated"))
                    return Failed(name, "CERTIFICATE_EVIDENCE", "a certificate's evidence is of other code");
                attested++;
            }
        }

        return Ok(name, $"{attested} of {keys.Count} carry evidence of the same code over their key");
    }

    private static IssuerCheck CheckCheckpoint(byte[] text, string vkey, out Checkpoint? newest)
    {
        newest = null;
        if (!NoteKey.TryParse(vkey, out var key))
            return Failed("checkpoint", "LEDGER_KEY_MALFORMED", "the ledger's key is no vkey");
        if (text.Length == 0) return NotChecked("checkpoint", "the ledger has no entry yet");
        if (!NoteText.TryDecode(text, out var decoded) || !SignedNote.TryParse(decoded, out var note)
            || !Checkpoint.TryParse(note.Text, out var checkpoint))
            return Failed("checkpoint", "CHECKPOINT_MALFORMED", "not a signed checkpoint");
        if (checkpoint.Origin != key.Name)
            return Failed("checkpoint", "CHECKPOINT_ORIGIN", $"it is of {checkpoint.Origin}, the key of {key.Name}");
        if (note.Verify(key) != NoteVerdict.Signed)
            return Failed("checkpoint", "CHECKPOINT_SIGNATURE", "the ledger's key of the evidence has not signed it");
        newest = checkpoint;
        return Ok("checkpoint", $"{checkpoint.Size} entries under {checkpoint.Root.ToBase64()}");
    }

    private static IssuerCheck CheckReceipt(GivenReceipt given, string vkey, Checkpoint? newest)
    {
        if (given.Receipt is not { } receipt)
            return Failed("receipt", "RECEIPT_MALFORMED", "not a receipt in the tlog-proof form");
        if (!NoteKey.TryParse(vkey, out var key))
            return Failed("receipt", "LEDGER_KEY_MALFORMED", "the ledger's key is no vkey");
        var fault = given.Entry is { } entry ? receipt.FindFault(entry, key) : receipt.FindCheckpointFault(key);
        if (fault is not null) return Failed("receipt", "RECEIPT_INVALID", fault);
        if (newest is not null && newest.Size == receipt.Checkpoint.Size && newest.Root != receipt.Checkpoint.Root)
            return Failed("receipt", "RECEIPT_FORKED", "the newest checkpoint has another root at the same size");
        return given.Entry is null
            ? NotChecked("receipt", "its checkpoint is signed; give --entry to check that an entry is in it")
            : Ok("receipt", $"the entry is in the ledger, at index {receipt.Index}");
    }

    private static string? IssuerOf(byte[] discovery)
    {
        try
        {
            using var document = StrictJson.Parse(discovery);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("issuer", out var issuer)
                && issuer.ValueKind == JsonValueKind.String
                    ? issuer.GetString()
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IssuerCheck Ok(string name, string what) => new(name, CheckResult.Ok, null, what);

    private static IssuerCheck Failed(string name, string code, string what) =>
        new(name, CheckResult.Failed, code, what);

    private static IssuerCheck NotChecked(string name, string what) => new(name, CheckResult.NotChecked, null, what);

    /// <summary>The collateral that came with the evidence, for whatever it is asked for.</summary>
    private sealed class GivenCollateral(QuoteCollateral? collateral) : ICollateralOrigin
    {
        public Task<QuoteCollateral> FetchAsync(CollateralKey key, CancellationToken stop) => collateral is null
            ? throw new CollateralUnavailableException("the evidence came without")
            : Task.FromResult(collateral);
    }
}
