using System.Net;
using Broker.EndToEnd.Clients;
using Broker.EndToEnd.Processes;

namespace Broker.EndToEnd.Radosgw;

/// <summary>
/// The signature of a call to SES, service name <c>ses</c>, judged by radosgw. It serves no SES and has two ways of its
/// own: a POST there is refused before its signature is looked at, and a path with an escaped character is signed as S3
/// does, other than by SES's rule. So the call that is judged is the one that asks for the sender's domain: refused for
/// its address where the signature holds, and with 403 where it does not.
/// </summary>
[Collection(RadosgwTests.Name)]
public sealed class SesSignatureTests(RadosgwSite site) : IDisposable
{
    private const string Judged = "GET /v2/email/identities/agentkeys.test";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [RadosgwFact]
    public async Task A_call_to_SES_is_signed_as_radosgw_computes_it()
    {
        var (status, body) = await VerdictAsync(RadosgwCluster.AdminKeys);

        status.ShouldBe(HttpStatusCode.NotFound, body);
        body.ShouldContain("<Code>NoSuchBucket</Code>");
    }

    [RadosgwFact]
    public async Task Another_secret_is_what_radosgw_refuses()
    {
        var (status, body) = await VerdictAsync(RadosgwCluster.AdminKeys with { SecretAccessKey = "ANOTHERSECRET" });

        status.ShouldBe(HttpStatusCode.Forbidden, body);
    }

    private async Task<(HttpStatusCode Status, string Body)> VerdictAsync(AwsKeys keys)
    {
        using var relay = new SignatureRelay(site.Cluster.Endpoint);
        var settings = new Dictionary<string, string>
        {
            ["BROKER_DATA_ROLE_ARN"] = RadosgwSite.DataRoleArn,
            ["BROKER_AUTH_METHODS"] = "email_link",
            ["BROKER_EMAIL_SENDER"] = "ses",
            ["BROKER_EMAIL_FROM_ADDRESS"] = "noreply@agentkeys.test",
            ["BROKER_STS_MODE"] = "web_identity",
            ["AWS_ENDPOINT_URL_SESV2"] = relay.Address,
            ["DAEMON_ACCESS_KEY_ID"] = keys.AccessKeyId,
            ["DAEMON_SECRET_ACCESS_KEY"] = keys.SecretAccessKey,
        };
        await using var broker = await BrokerProcess.StartAsync(_folder.Path, LoopbackPort.Free(), settings);
        await Eventually.HoldsAsync(() => relay.Verdicts.Any(one => one.Request == Judged));
        var verdict = relay.Verdicts.First(one => one.Request == Judged);
        return (verdict.Status, verdict.Body);
    }
}
