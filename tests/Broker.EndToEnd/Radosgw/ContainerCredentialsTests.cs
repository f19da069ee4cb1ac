using Broker.EndToEnd.Clients;
using Broker.EndToEnd.Processes;

namespace Broker.EndToEnd.Radosgw;

/// <summary>
/// AWS's command line with the two container variables and nothing else: the broker gives the credentials, radosgw's STS
/// and S3 judge them.
/// </summary>
[Collection(RadosgwTests.Name)]
public sealed class ContainerCredentialsTests(RadosgwSite site) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [RadosgwFact]
    public async Task The_command_line_copies_with_the_two_variables_alone()
    {
        var aws = Aws("v1/aws/credentials/vault", ("AWS_CONTAINER_AUTHORIZATION_TOKEN", site.Alice.Token));
        await File.WriteAllTextAsync(_folder.File("note.txt"), "by variables");

        (await aws.RunAsync("s3", "cp", _folder.File("note.txt"), Address($"{site.Alice.Prefix}container.txt")))
            .OrThrow();
        (await aws.RunAsync("s3", "cp", Address($"{site.Alice.Prefix}container.txt"), "-")).OrThrow()
            .ShouldBe("by variables");
        await aws.IsDeniedAsync("s3", "cp", _folder.File("note.txt"), Address($"{site.Bob.Prefix}container.txt"));

        LedgerRows.NewestOf(site, site.Alice).Columns.RequestedRole.ShouldBe(RadosgwSite.VaultRoleArn);
    }

    [RadosgwFact]
    public async Task A_token_that_does_not_hold_gives_the_command_line_nothing()
    {
        var aws = Aws("v1/aws/credentials", ("AWS_CONTAINER_AUTHORIZATION_TOKEN", $"{site.Alice.Token}x"));

        var failed = await aws.RunAsync("s3", "ls", Address(site.Alice.Prefix));

        failed.Succeeded.ShouldBeFalse();
        failed.Error.ShouldContain("unauthorized");
    }

    private AwsCli Aws(string path, (string Name, string Value) token) => AwsCli.WithEnvironment(
        site.Cluster.Endpoint,
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", new Uri(site.Broker.Address, path).AbsoluteUri), token);

    private static string Address(string key) => $"s3://{RadosgwSite.VaultBucket}/{key}";
}
