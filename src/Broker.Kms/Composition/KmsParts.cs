using Broker.Attestation.Evidence;
using Broker.Kms.Authorization;
using Broker.Kms.Configuration;
using Broker.Kms.Keys;
using Broker.Kms.Machine;
using Broker.Kms.Prpc;
using Broker.Kms.Records;
using Microsoft.Extensions.Logging;

namespace Broker.Kms.Composition;

/// <summary>What both phases of a KMS are built from. Made once per process.</summary>
internal sealed record KmsParts(
    KmsOptions Options,
    KeyDirectory Folder,
    IGuestAgent Agent,
    AttestationVerifier Verifier,
    IBootAuthority Authority,
    KmsRecords Records,
    SelfIdentity Machine,
    SelfAuthorization Self,
    OsImageCheck Image,
    TimeProvider Time,
    ILoggerFactory Logs)
{
    /// <summary>A prpc service over some methods.</summary>
    /// <param name="prefix">The service's own, such as <c>KMS.</c>.</param>
    public PrpcEndpoint Serve(string prefix, IEnumerable<IPrpcMethod> methods) =>
        new(prefix, methods, Records, Logs.CreateLogger<PrpcEndpoint>());
}
