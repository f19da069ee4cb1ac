using System.Text;
using System.Xml.Linq;
using Broker.LocalCloud.Faults;
using Broker.LocalCloud.Http;
using Broker.LocalCloud.Signing;

namespace Broker.LocalCloud.Sts;

/// <summary>STS: one route, <c>POST /</c>, in the Query protocol; <c>Action</c> says what is wanted.</summary>
internal sealed class StsRoutes(
    AssumeRoleWithWebIdentity assumeRoleWithWebIdentity, AssumeRole assumeRole, SignatureVerifier signatures,
    InjectedFaults faults)
{
    private const int MaxBodyBytes = 128 * 1024;
    private const string Version = "2011-06-15";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/", (StsRoutes sts, HttpContext http, CancellationToken stop) => sts.HandleAsync(http, stop));

    private async Task<IResult> HandleAsync(HttpContext http, CancellationToken stop)
    {
        var requestId = Guid.NewGuid().ToString();
        http.Response.Headers["x-amzn-RequestId"] = requestId;
        if (await faults.StrikeAsync(CloudPart.Sts, stop) is { } injected) return StsXml.Error(injected, requestId);

        if (await RequestBody.ReadAsync(http.Request, MaxBodyBytes, stop) is not { } body)
            return StsXml.Error(
                new(413, "RequestEntityTooLarge", $"a request has at most {MaxBodyBytes} bytes"), requestId);
        var parameters = new StsParameters(Encoding.UTF8.GetString(body));
        var action = parameters.Optional("Action", 1, 128);
        var version = parameters.Optional("Version", 1, 128);
        if (parameters.Refusal is { } malformed) return StsXml.Error(malformed, requestId);
        if (action is null || version != Version)
            return StsXml.Error(
                new(400, "InvalidAction", $"Could not find operation {action} for version {version}"), requestId);

        var outcome = await ActAsync(http.Request, action, parameters, body, stop);
        return outcome.Refusal is { } refusal
            ? StsXml.Error(refusal, requestId)
            : StsXml.Answer(action, outcome.Value, requestId);
    }

    private async Task<Outcome<XElement>> ActAsync(
        HttpRequest request, string action, StsParameters parameters, byte[] body, CancellationToken stop)
    {
        if (action == AssumeRoleWithWebIdentity.Action)
            return await assumeRoleWithWebIdentity.HandleAsync(parameters, stop);
        if (action is not (AssumeRole.Action or GetCallerIdentity.Action))
            return new AwsRefusal(400, "InvalidAction", $"Could not find operation {action} for version {Version}");

        var (signature, fault) = signatures.Verify(request, "sts", CanonicalRequest.Hash(body));
        if (signature is null) return StsRefusals.Of(fault);
        return action == AssumeRole.Action
            ? assumeRole.Handle(parameters, signature.Caller)
            : GetCallerIdentity.Handle(signature.Caller);
    }
}
