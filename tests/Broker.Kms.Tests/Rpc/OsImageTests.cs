using Broker.Kms.Tests.Rig;

namespace Broker.Kms.Tests.Rpc;

/// <summary>
/// The OS image's hash is a claim until the registers say the same; a policy that allows the claim is not enough.
/// </summary>
public sealed class OsImageTests
{
    [Fact]
    public async Task A_machine_that_runs_another_image_than_it_claims_gets_nothing()
    {
        using var datacentre = new Datacentre();
        await using var webhook = await Webhook.StartAsync();
        await using var kms = await KmsNode.StartRunningAsync(datacentre, webhook, alter: options => options with
        {
            ImageVerify = true,
            ImageDownloadUrl = $"{webhook.Url}/no/such/image",
        });
        using var client = await KmsClient.AttestedAsync(kms.Address, new Guest(datacentre.NewMachine(), "app"));

        (await client.RefusalAsync("GetAppKey", "{}")).ShouldStartWith(
            "App not allowed: Failed to verify os image hash: Failed to verify os image hash: ");
        (await client.RefusalAsync("GetKmsKey", "{}")).ShouldStartWith("Failed to verify os image hash: ");

        kms.Entries()[^1].Outcome.ShouldBe("denied");
        kms.Entries()[^1].Subject.ShouldStartWith("kms/");
    }
}
