using System.Net;
using Broker.LocalCloud.Configuration;
using Broker.LocalCloud.Faults;

namespace Broker.LocalCloud.Tests.Configuration;

/// <summary>What the local cloud refuses to start with, and what it says at the start.</summary>
public sealed class ConfigurationTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("192.0.2.1")]
    [InlineData("::")]
    public async Task Binds_loopback_only(string address)
    {
        var options = new LocalCloudOptions { Bind = IPAddress.Parse(address), Port = 0 };

        (await Should.ThrowAsync<LocalCloudConfigurationException>(() => LocalCloudHost.StartAsync(options)))
            .Message.ShouldContain("loopback only");
    }

    [Fact]
    public async Task Answers_to_no_name_but_loopbacks()
    {
        await using var cloud = await LocalCloudHost.StartAsync(new() { Port = 0 });
        using var http = new HttpClient { BaseAddress = cloud.BaseAddress };
        (await http.GetStringAsync("/healthz")).ShouldBe("ok");
        http.DefaultRequestHeaders.Host = "attacker.example";

        (await http.GetAsync("/_local/mails")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Says_on_its_front_page_what_it_is()
    {
        await using var cloud = await LocalCloudHost.StartAsync(new() { Port = 0, Issuer = "http://127.0.0.1:8091" });
        using var http = new HttpClient { BaseAddress = cloud.BaseAddress };

        var page = await http.GetStringAsync("/");

        page.ShouldContain("DEVELOPMENT TOOL, not AWS");
        page.ShouldContain("http://127.0.0.1:8091");
        page.ShouldContain("arn:aws:iam::000000000000:role/agentkeys-memory-role");
    }

    [Theory]
    [InlineData("http://broker.example")]
    [InlineData("http://127.0.0.1:8091/")]
    [InlineData("https://broker.example?x=1")]
    [InlineData("broker.example")]
    [InlineData("http://127.0.0.1\"")]
    [InlineData("")]
    public async Task Refuses_an_issuer_that_AWS_would_not_reach(string issuer) =>
        await Should.ThrowAsync<LocalCloudConfigurationException>(
            () => LocalCloudHost.StartAsync(new() { Port = 0, Issuer = issuer }));

    [Theory]
    [InlineData("", "not valid")]
    [InlineData("{}", "account")]
    [InlineData("""{"account":"1"}""", "twelve digits")]
    [InlineData("""{"account":"","bucket":[]}""", "bucket")]
    [InlineData("""{"account":"","buckets":[{"name":"Upper"}]}""", "Upper")]
    [InlineData("""{"account":"","buckets":[{"name":"abc"},{"name":"abc"}]}""", "there twice")]
    [InlineData("""{"account":"","buckets":[{"name":"abc","policy":{}}]}""", "the policy of bucket abc")]
    [InlineData("""{"account":"","users":[{"name":"a","accessKeyId":"AKIA"}]}""", "together")]
    [InlineData("""{"account":"","users":[{"name":"a","policies":[{}]}]}""", "a policy of user a")]
    [InlineData("""{"account":"","roles":[{"name":"r","trustPolicy":{}}]}""", "the trust policy of role r")]
    [InlineData(
        """{"account":"","roles":[{"name":"r","trustPolicy":{},"maxSessionSeconds":60}]}""", "maxSessionSeconds")]
    [InlineData("""{"account":"","providers":[{"issuer":"https://a.example","clientIds":[]}]}""", "client ids")]
    [InlineData("""{"account":"","providers":[{"issuer":"http://a.example","clientIds":["a"]}]}""", "https")]
    public async Task Refuses_a_configuration_and_says_which_part_is_wrong(string json, string says)
    {
        var options = new LocalCloudOptions { Port = 0, Configuration = json };

        (await Should.ThrowAsync<LocalCloudConfigurationException>(() => LocalCloudHost.StartAsync(options)))
            .Message.ShouldContain(says);
    }

    [Fact]
    public async Task Prints_the_built_in_account_as_a_configuration_that_it_takes()
    {
        var output = new StringWriter();
        var command = LocalCloudCommand.Create().Parse(["--print-config", "--issuer", "https://broker.example"]);
        (await command.InvokeAsync(new() { Output = output })).ShouldBe(0);

        await using var cloud = await LocalCloudHost.StartAsync(new() { Port = 0, Configuration = output.ToString() });

        cloud.AccessKeys.Keys.ShouldBe(["agentkeys-daemon"]);
    }

    [Theory]
    [InlineData("--bind", "0.0.0.0", "loopback only")]
    [InlineData("--port", "65536", "--port")]
    [InlineData("--issuer", "ftp://x", "ftp://x")]
    [InlineData("--config", "/nowhere/cloud.json", "/nowhere")]
    public async Task The_command_ends_with_one_line_on_stderr(string option, string value, string says)
    {
        var error = new StringWriter();

        (await LocalCloudCommand.Create().Parse([option, value]).InvokeAsync(new() { Error = error })).ShouldBe(1);

        error.ToString().ShouldStartWith("local cloud: ");
        error.ToString().Trim().ShouldContain(says);
        error.ToString().Trim().ShouldNotContain('\n');
    }

    [Theory]
    [InlineData("sts-error", CloudPart.Sts, FaultKind.Error, 0)]
    [InlineData("s3-throttle", CloudPart.S3, FaultKind.Throttle, 0)]
    [InlineData("ses-slow=2.5", CloudPart.Ses, FaultKind.Slow, 2500)]
    public void Reads_faults(string text, CloudPart part, FaultKind kind, int milliseconds) =>
        Fault.Parse(text).ShouldBe(new Fault(part, kind, TimeSpan.FromMilliseconds(milliseconds)));

    [Theory]
    [InlineData("sts")]
    [InlineData("ec2-error")]
    [InlineData("sts-slow")]
    [InlineData("sts-slow=-1")]
    [InlineData("sts-slow=601")]
    [InlineData("sts-error=1")]
    public void Refuses_other_faults(string text) => Fault.Parse(text).ShouldBeNull();

    [Fact]
    public async Task Takes_the_daemons_key_as_given_and_writes_it_for_its_owner_only()
    {
        var folder = Directory.CreateTempSubdirectory("local-cloud-");
        try
        {
            var key = new LocalCloudAccessKey("AKIAGIVEN", "given-secret");
            await using var cloud = await LocalCloudHost.StartAsync(new() { Port = 0, DaemonKey = key });
            cloud.AccessKeys["agentkeys-daemon"].ShouldBe(key);

            var file = UserKeyFile.Write(folder.FullName, cloud.AccessKeys);

            (await File.ReadAllTextAsync(file)).ShouldBe(
                "[agentkeys-daemon]\naws_access_key_id = AKIAGIVEN\naws_secret_access_key = given-secret\n\n");
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            key.ToString().ShouldNotContain("secret");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
