using System.Net;
using Broker.Kms.Tests.Rig;
using Broker.Ledger.Refusals;

namespace Broker.Kms.Tests.Rpc;

/// <summary>Whoever has proven nothing spends a budget of entries and no more, also with what it is given.</summary>
public sealed class RefusalBudgetTests
{
    private const int PerSource = 4;

    [Theory]
    [InlineData("GetAppKey", """{"api_version":1}""")]
    [InlineData("GetKmsKey", "{}")]
    [InlineData("SignCert", """{"api_version":1,"csr":"00","signature":"00"}""")]
    [InlineData("GetTempCaCert", "{}")]
    public async Task An_anonymous_caller_writes_no_more_than_its_budget(string method, string body)
    {
        using var datacentre = new Datacentre();
        await using var webhook = await Webhook.StartAsync();
        await using var node = await KmsNode.StartRunningAsync(
            datacentre, webhook, limits: new RefusalLimits(PerSource, 1000));
        using var client = KmsClient.Plain(node.Address);
        var before = node.Ledger.Status.Size;

        var limited = 0;
        for (var n = 0; n < 20; n++)
        {
            var (status, answer) = await client.PostAsync(method, body);
            if (status == HttpStatusCode.TooManyRequests)
            {
                limited++;
                answer.GetProperty("error").GetString()!.ShouldContain("too many");
            }
        }

        limited.ShouldBe(20 - PerSource);
        (node.Ledger.Status.Size - before).ShouldBe(PerSource);
    }
}
