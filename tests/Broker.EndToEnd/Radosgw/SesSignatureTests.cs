using System.Net;
using Broker.EndToEnd.Clients;
using Broker.EndToEnd.Processes;

namespace Broker.EndToEnd.Radosgw;

/// <summary>
/// The signature of calls to SES, judged by radosgw. It serves no SES: a request whose signature holds is refused for
/// its address, one whose signature does not is refused for that (403 <c>SignatureDoesNotMatch</c>).
/// </summary>
[Collection(RadosgwTests.Name)]
public sealed class SesSignatureTests(RadosgwSite site) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [RadosgwFact]
    public async Task Both_calls_to_SES_are_signed_as_radosgw_computes_it()
    {
        foreach (var (request, status, body) in await VerdictsAsync(RadosgwCluster.AdminKeys))
        {
            status.ShouldNotBe(HttpStatusCode.Forbidden, $"{request}: {body}");
            body.ShouldNotContain("Signature");
        }
    }

    [RadosgwFact]
    public async Task Another_secret_is_what_radosgw_refuses()
    {
        foreach (var (request, status, body) in await VerdictsAsync(new AwsKeys("ADMINKEY", "ANOTHERSECRET")))
        {
            status.ShouldBe(HttpStatusCode.Forbidden, $"{request}: {body}");
            body.ShouldContain("SignatureDoesNotMatch");
        }
    }

    /// <summary>What radosgw said of SendEmail and of GetEmailIdentity.</summary>
    private async Task<IReadOnlyList<(string Request, HttpStatusCode Status, string Body)>> VerdictsAsync(AwsKeys keys)
    {
        using var relay = new SignatureRelay(site.Cluster.Endpoint);
        await using var broker = await BrokerProcess.StartAsync(_folder.Path, LoopbackPort.Free(), new Dictionary<string, string>
        {
            ["BROKER_DATA_ROLE_ARN"] = RadosgwSite.DataRoleArn,
            ["BROKER_AUTH_METHODS"] = "email_link",
            ["BROKER_EMAIL_SENDER"] = "ses",
            ["BROKER_EMAIL_FROM_ADDRESS"] = "noreply@agentkeys.test",
            ["BROKER_STS_MODE"] = "web_identity",
            ["AWS_ENDPOINT_URL_SESV2"] = relay.Address,
            ["DAEMON_ACCESS_KEY_ID"] = keys.AccessKeyId,
            ["DAEMON_SECRET_ACCESS_KEY"] = keys.SecretAccessKey,
        });
        using var client = new BrokerClient(broker.Address);
        await client.PostAsync("v1/auth/email/request", new { email = "alice@example.org" });
        await Eventually.HoldsAsync(() => relay.Verdicts.Any(one => one.Request.StartsWith("GET", StringComparison.Ordinal)));

        var verdicts = relay.Verdicts;
        verdicts.ShouldContain(one => one.Request == "POST /v2/email/outbound-emails");
        verdicts.ShouldContain(one => one.Request == "GET /v2/email/identities/noreply%40agentkeys.test");
        return verdicts;
    }
}
