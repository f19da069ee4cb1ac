using System.Net;
using Broker.EndToEnd.Clients;

namespace Broker.EndToEnd.Radosgw;

/// <summary>STS that is gone, or that does not answer: no credential, a row, and the next request works.</summary>
[Collection(RadosgwTests.Name)]
public sealed class StsOutageTests(RadosgwSite site)
{
    [RadosgwFact]
    public async Task Sts_that_refuses_connections_is_an_sts_error_on_record_until_it_is_back()
    {
        Answer refused;
        await site.Cluster.StopGatewayAsync();
        try
        {
            refused = await site.Client.PostAsync("v1/mint-aws-creds", new { role = "vault" }, site.Alice);
        }
        finally
        {
            await site.Cluster.StartGatewayAsync();
        }

        ShouldBeAnStsError(refused);
        (await site.MintAsync(site.Alice)).Minted.Text("access_key_id").ShouldNotBeEmpty();
    }

    [RadosgwFact]
    public async Task Sts_that_does_not_answer_is_an_sts_error_on_record_until_it_does()
    {
        Answer refused;
        await site.Cluster.FreezeAsync();
        try
        {
            refused = await site.Client.PostAsync("v1/mint-aws-creds", new { role = "vault" }, site.Alice);
        }
        finally
        {
            await site.Cluster.ThawAsync();
        }

        ShouldBeAnStsError(refused);
        (await site.MintAsync(site.Alice)).Minted.Text("access_key_id").ShouldNotBeEmpty();
    }

    private void ShouldBeAnStsError(Answer refused)
    {
        refused.Status.ShouldBe(HttpStatusCode.BadGateway, refused.Body.GetRawText());
        refused.Text("error").ShouldBe("sts_error");
        refused.Body.TryGetProperty("secret_access_key", out _).ShouldBeFalse();

        var row = LedgerRows.NewestOf(site, site.Alice).Columns;
        row.Outcome.ShouldBe("sts_error");
        row.RequestId.ShouldBe(refused.Text("request_id"));
        row.RequestedRole.ShouldBe(RadosgwSite.VaultRoleArn);
        row.AccessKeyId.ShouldBeEmpty();
        row.StsSessionName.ShouldStartWith($"agentkeys-{site.Alice.Wallet[..10]}-aud_");
    }
}
