using Broker.EndToEnd.Clients;
using Broker.EndToEnd.Processes;

namespace Broker.EndToEnd.Radosgw;

/// <summary>
/// Every way in which <c>brokerctl</c> brings AWS's own clients to credentials, where radosgw's STS and S3 judge them.
/// </summary>
[Collection(RadosgwTests.Name)]
public sealed class BrokerCtlTests(RadosgwSite site) : IDisposable
{
    private const string Cli = "/usr/bin/aws";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [RadosgwFact]
    public async Task The_command_line_copies_by_credential_process()
    {
        var user = User;
        await user.RunAsync("setup", "aws", "--yes");

        // The process needs the session, as a shell's export gives it.
        (await CopyAsync("process.txt", arguments => user.RunProgramAsync(
            Cli, ["--profile", "agentkeys-vault", .. arguments], ("AGENTKEYS_SESSION_TOKEN", site.Alice.Token))))
            .ShouldBe("process.txt");
    }

    [RadosgwFact]
    public async Task The_command_line_copies_under_run() =>
        (await CopyAsync("run.txt", arguments => User.RunAsync(["run", "--role", "vault", "--", Cli, .. arguments])))
            .ShouldBe("run.txt");

    [RadosgwFact]
    public async Task The_command_line_copies_under_run_serve() =>
        (await CopyAsync(
            "serve.txt", arguments => User.RunAsync(["run", "--serve", "--role", "vault", "--", Cli, .. arguments])))
            .ShouldBe("serve.txt");

    /// <summary>Debian's command line takes no address of STS by a variable; its endpoint rules are a file.</summary>
    [RadosgwFact]
    public async Task The_command_line_copies_by_a_web_identity_token_file()
    {
        var user = User;
        await user.RunAsync("token", "--role", "vault", "--file", _folder.File("token"));
        Directory.CreateDirectory(_folder.File("models", "sts", "2011-06-15"));
        await File.WriteAllTextAsync(_folder.File("models", "sts", "2011-06-15", "endpoint-rule-set-1.json"), $$"""
            {"version":"1.0","parameters":{
              "Region":{"builtIn":"AWS::Region","required":false,"type":"String"},
              "UseDualStack":{"builtIn":"AWS::UseDualStack","required":true,"default":false,"type":"Boolean"},
              "UseFIPS":{"builtIn":"AWS::UseFIPS","required":true,"default":false,"type":"Boolean"},
              "Endpoint":{"builtIn":"SDK::Endpoint","required":false,"type":"String"},
              "UseGlobalEndpoint":{"builtIn":"AWS::STS::UseGlobalEndpoint","required":true,"default":false,
                "type":"Boolean"} },
             "rules":[{"type":"endpoint","conditions":[],
               "endpoint":{"url":"{{Endpoint}}","properties":{},"headers":{} } } ]}
            """);

        (await CopyAsync("identity.txt", arguments => user.RunProgramAsync(
            Cli, arguments,
            [.. IdentityVariables, ("AWS_DATA_PATH", _folder.File("models")), ("AWS_ROLE_SESSION_NAME", "cli")])))
            .ShouldBe("identity.txt");
    }

    [RadosgwTheory]
    [InlineData("JavaScript")]
    [InlineData(".NET")]
    public async Task The_SDK_works_with_the_two_container_variables_alone(string sdk)
    {
        await JudgeAsync(
            sdk, "container",
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI",
                new Uri(site.Broker.Address, "v1/aws/credentials/vault").AbsoluteUri),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", site.Alice.Token));

        LedgerRows.NewestOf(site, site.Alice).Columns.RequestedRole.ShouldBe(RadosgwSite.VaultRoleArn);
    }

    [RadosgwTheory]
    [InlineData("JavaScript")]
    [InlineData(".NET")]
    public async Task The_SDK_works_by_credential_process(string sdk)
    {
        await User.RunAsync("setup", "aws", "--yes");

        await JudgeAsync(
            sdk, "process", ("AWS_PROFILE", "agentkeys-vault"), ("AGENTKEYS_SESSION_TOKEN", site.Alice.Token));
    }

    [RadosgwTheory]
    [InlineData("JavaScript")]
    [InlineData(".NET")]
    public async Task The_SDK_works_under_run_and_run_serve(string sdk)
    {
        var judge = await AwsSdk.PrepareAsync(sdk);
        foreach (var more in (string[][])[[], ["--serve"]])
        {
            var key = Key($"{sdk}-run{more.Length}.txt");
            (await User.RunAsync(["run", .. more, "--role", "vault", "--", judge.Program, .. Words(judge, key)]))
                .Trim().ShouldBe($"written by {sdk} as {key}");
        }
    }

    [RadosgwTheory]
    [InlineData("JavaScript")]
    [InlineData(".NET")]
    public async Task The_SDK_works_by_a_web_identity_token_file(string sdk)
    {
        await User.RunAsync("token", "--role", "vault", "--file", _folder.File("token"));

        await JudgeAsync(sdk, "identity", [.. IdentityVariables, ("AWS_ENDPOINT_URL_STS", Endpoint)]);
    }

    private BrokerCtl User => new(site.Broker.Address, site.Alice, _folder);

    private string Endpoint => site.Cluster.Endpoint.AbsoluteUri;

    private (string Name, string Value)[] IdentityVariables =>
    [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", _folder.File("token")), ("AWS_ROLE_ARN", RadosgwSite.VaultRoleArn),
    ];

    private string Key(string name) => $"{site.Alice.Prefix}brokerctl/{name}";

    private string[] Words(AwsSdk sdk, string key) => [sdk.Script, Endpoint, RadosgwSite.VaultBucket, key];

    /// <summary>The SDK writes and reads an object, with these variables alone for credentials.</summary>
    private async Task JudgeAsync(string sdk, string name, params (string Name, string Value)[] variables)
    {
        var judge = await AwsSdk.PrepareAsync(sdk);
        var key = Key($"{sdk}-{name}.txt");
        (await User.RunProgramAsync(judge.Program, Words(judge, key), variables)).Trim()
            .ShouldBe($"written by {sdk} as {key}");
    }

    /// <summary>Copies a file there and back with the command line.</summary>
    private async Task<string> CopyAsync(string name, Func<string[], Task<string>> run)
    {
        await File.WriteAllTextAsync(_folder.File(name), name);
        var address = $"s3://{RadosgwSite.VaultBucket}/{Key(name)}";
        await run(["--endpoint-url", Endpoint, "s3", "cp", _folder.File(name), address]);
        return await run(["--endpoint-url", Endpoint, "s3", "cp", address, "-"]);
    }
}
