using Broker.Http;

namespace Broker.IssuerEvidence;

/// <summary>How often one client address may have evidence made in an hour.</summary>
internal sealed class EvidenceLimit(EvidenceOptions options, TimeProvider time) : RequestLimit(
    options.PerHour, RateWindows.Hour, EvidenceRefusals.RateLimited,
    "too much fresh evidence for this address in this hour", time);
