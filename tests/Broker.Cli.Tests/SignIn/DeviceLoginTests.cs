using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Broker.Cli.Terminal;
using Broker.Cli.Tests.Support;

namespace Broker.Cli.Tests.SignIn;

/// <summary><c>login --device</c> (RFC 8628) against a real broker: somebody with a session lets the machine in.</summary>
public sealed partial class DeviceLoginTests(BrokerSite site) : IClassFixture<BrokerSite>
{
    [Fact]
    public async Task A_code_that_a_person_approves_signs_this_machine_in_as_that_person()
    {
        using var person = await site.SignedInAsync();
        using var machine = new CommandLineUser(site.Broker);

        var (code, output, error) = await LoginAsync(machine, person, "approve");

        code.ShouldBe(ExitCode.Ok, error);
        var omni = (await person.RunAsync("whoami", "--json")).Json.GetProperty("omni_account").GetString();
        output.ShouldContain(omni!);
        (await machine.RunAsync("whoami", "--json")).ShouldSucceed().Json.GetProperty("omni_account").GetString()
            .ShouldBe(omni);
        (await machine.RunAsync("creds")).ShouldSucceed();
    }

    [Fact]
    public async Task A_person_may_say_no()
    {
        using var person = await site.SignedInAsync();
        using var machine = new CommandLineUser(site.Broker);

        var (code, _, error) = await LoginAsync(machine, person, "deny");

        code.ShouldBe(ExitCode.Failed);
        error.ShouldContain("said no");
    }

    private async Task<(int Code, string Output, string Error)> LoginAsync(
        CommandLineUser machine, CommandLineUser person, string decision)
    {
        using var login = machine.Start("login", "--device", "--json");
        var told = "";
        while (!told.Contains("Code:", StringComparison.Ordinal)) told += await login.StandardError.ReadLineAsync() + "\n";
        told.ShouldContain("/device");

        using var http = new HttpClient { BaseAddress = site.Broker };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", LoginTests.Token(person));
        using var body = new StringContent(
            $$"""{"user_code":"{{CodeOf().Match(told).Groups[1].Value}}","decision":"{{decision}}"}""", null,
            "application/json");
        using var decided = await http.PostAsync("v1/auth/device/decision", body);
        decided.IsSuccessStatusCode.ShouldBeTrue(await decided.Content.ReadAsStringAsync());

        var output = await login.StandardOutput.ReadToEndAsync();
        var error = await login.StandardError.ReadToEndAsync();
        await login.WaitForExitAsync();
        return (login.ExitCode, output, error);
    }

    [GeneratedRegex("Code: (\\S+)")]
    private static partial Regex CodeOf();
}
