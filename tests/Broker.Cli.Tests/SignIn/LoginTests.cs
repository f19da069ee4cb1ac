using System.Globalization;
using System.Text.RegularExpressions;
using Broker.Cli.Terminal;
using Broker.Cli.Tests.Support;

namespace Broker.Cli.Tests.SignIn;

/// <summary><c>login</c>, <c>whoami</c>, <c>logout</c> against a real broker.</summary>
public sealed partial class LoginTests(BrokerSite site) : IClassFixture<BrokerSite>
{
    [Fact]
    public async Task A_wallet_signs_in_and_the_session_serves_until_logout()
    {
        using var user = await site.UserAsync();
        var address = (await user.RunAsync("wallet", "address", "--key", user.KeyFile)).Output.Trim();

        var login = (await user.RunAsync("login", "--wallet", user.KeyFile, "--json")).ShouldSucceed();
        login.Json.GetProperty("wallet_address").GetString().ShouldBe(address);
        login.Json.GetProperty("broker_url").GetString().ShouldBe(site.Broker.AbsoluteUri);
        var whoami = (await user.RunAsync("whoami", "--json")).ShouldSucceed().Json;
        whoami.GetProperty("omni_account").GetString().ShouldBe(login.Json.GetProperty("omni_account").GetString());
        whoami.GetProperty("identity_type").GetString().ShouldBe("evm");

        // After a login the broker is known without a variable.
        user.Environment.Remove("AGENTKEYS_BROKER_URL");
        (await user.RunAsync("whoami")).ShouldSucceed().Output.ShouldContain(address);

        var token = Token(user);
        (await user.RunAsync("logout")).ShouldSucceed();
        NotSignedIn(await user.RunAsync("whoami", "--json"));
        Directory.EnumerateFiles(user.StateFolder, "session-*").ShouldBeEmpty();

        // Ended at the broker too, not only forgotten here.
        user.Environment["AGENTKEYS_SESSION_TOKEN"] = token;
        var ended = await user.RunAsync("whoami", "--json");
        ended.Code.ShouldBe(ExitCode.Failed);
        ended.Error.ShouldContain("\"code\":\"session_revoked\"");
    }

    [Fact]
    public async Task The_session_is_in_a_file_that_only_its_owner_reads_and_is_never_printed()
    {
        using var user = await site.SignedInAsync();

        var file = Directory.EnumerateFiles(user.StateFolder, "session-*").ShouldHaveSingleItem();

        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(user.StateFolder)
            .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var command in (string[][])[["whoami"], ["whoami", "--json"], ["login", "--wallet", user.KeyFile]])
        {
            var ran = (await user.RunAsync(command)).ShouldSucceed();
            (ran.Output + ran.Error).ShouldNotContain("eyJ");
        }

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var refused = await user.RunAsync("whoami");
        refused.Code.ShouldBe(ExitCode.Failed);
        refused.Error.ShouldContain("chmod 600");
    }

    [Fact]
    public async Task The_token_of_the_environment_wins_over_what_is_kept()
    {
        using var kept = await site.SignedInAsync();
        using var other = await site.SignedInAsync();
        var own = (await other.RunAsync("whoami", "--json")).Json.GetProperty("omni_account").GetString();

        kept.Environment["AGENTKEYS_SESSION_TOKEN"] = Token(other);

        (await kept.RunAsync("whoami", "--json")).Json.GetProperty("omni_account").GetString().ShouldBe(own);
    }

    [Fact]
    public async Task Another_program_signs()
    {
        using var user = await site.UserAsync();
        var address = (await user.RunAsync("wallet", "address", "--key", user.KeyFile)).Output.Trim();
        var info = BrokerCtlProgram.Info("wallet", "sign", "--key", user.KeyFile);

        // Every byte of the message counts, and it ends without a line feed.
        var signer = string.Join(' ', info.ArgumentList.Prepend(info.FileName).Select(part => $"'{part}'"));
        var login = await user.RunAsync("login", "--signer", signer, "--address", address, "--json");

        login.ShouldSucceed().Json.GetProperty("wallet_address").GetString().ShouldBe(address);

        var failed = await user.RunAsync("login", "--signer", "exit 3", "--address", address);
        failed.Code.ShouldBe(ExitCode.Failed);
        failed.Error.ShouldContain("exit code 3");
        (await user.RunAsync("login", "--signer", "echo 0x00", "--address", address)).Error
            .ShouldContain("no signature");
    }

    [Theory]
    [InlineData("scrypt")]
    [InlineData("pbkdf2")]
    public async Task A_keystore_signs_in_with_its_password(string kdf)
    {
        using var user = await site.UserAsync();
        await File.WriteAllTextAsync(user.File("keystore.json"), KeystoreVectors.Of(kdf));
        await PasswordAsync(user, KeystoreVectors.Password);

        var login = await user.RunAsync("login", "--keystore", user.File("keystore.json"), "--json");

        login.ShouldSucceed().Json.GetProperty("wallet_address").GetString().ShouldBe(KeystoreVectors.Address);

        await PasswordAsync(user, "another");
        var refused = await user.RunAsync("login", "--keystore", user.File("keystore.json"));
        refused.Code.ShouldBe(ExitCode.Failed);
        refused.Error.ShouldContain("password");
    }

    [Fact]
    public async Task A_mailed_link_signs_in_once_somebody_confirms()
    {
        using var user = await site.UserAsync();
        var mailbox = $"user-{Guid.NewGuid():N}@example.org";
        using var login = user.Start("login", "--email", mailbox, "--device-label", "test machine", "--json");
        var told = await ReadUntilAsync(login.StandardError, "Code:");

        var mail = await File.ReadAllTextAsync(Path.Combine(site.DataFolder, "newest-mail.eml"));
        mail.ShouldContain(CodeOf().Match(told).Groups[1].Value);
        using var http = new HttpClient { BaseAddress = site.Broker };
        using var body = new StringContent(
            $$"""{"token":"{{LinkToken().Match(mail).Groups[1].Value}}"}""", null, "application/json");
        using var confirmed = await http.PostAsync("v1/auth/email/verify", body);
        confirmed.IsSuccessStatusCode.ShouldBeTrue();

        var output = await login.StandardOutput.ReadToEndAsync();
        await login.WaitForExitAsync();
        login.ExitCode.ShouldBe(0, output);
        output.ShouldContain("\"identity_type\": \"email\"");
        (await user.RunAsync("whoami")).ShouldSucceed();
    }

    [Theory]
    [InlineData("http://broker.example.org", "in clear")]
    [InlineData("https://user:secret@broker.example.org", "not an address")]
    [InlineData("ftp://broker.example.org", "not an address")]
    [InlineData("broker", "not an address")]
    public async Task An_address_that_would_show_the_token_is_refused(string url, string why)
    {
        using var user = await site.UserAsync();

        var ran = await user.RunAsync("whoami", "--broker-url", url);

        ran.Code.ShouldBe(ExitCode.Misuse);
        ran.Error.ShouldContain(why);
    }

    [Fact]
    public async Task Without_a_session_the_next_step_is_told()
    {
        using var user = await site.UserAsync();

        NotSignedIn(await user.RunAsync("whoami", "--json"));
        (await user.RunAsync("whoami")).Error.ShouldContain("brokerctl login");
        (await user.RunAsync("login")).Code.ShouldBe(ExitCode.Misuse);
        (await user.RunAsync("login", "--wallet", user.KeyFile, "--email", "a@b.c")).Code.ShouldBe(ExitCode.Misuse);
        (await user.RunAsync("whoami", "--broker-url", string.Create(
            CultureInfo.InvariantCulture, $"http://127.0.0.1:{ServerProcess.FreePort()}"))).Error
            .ShouldContain("not signed in");
    }

    private static void NotSignedIn(Ran ran)
    {
        ran.Code.ShouldBe(ExitCode.Failed);
        ran.Error.ShouldContain("\"code\":\"not_signed_in\"");
    }

    internal static string Token(CommandLineUser user) => JsonToken()
        .Match(File.ReadAllText(Directory.EnumerateFiles(user.StateFolder, "session-*").Single())).Groups[1].Value;

    private static async Task PasswordAsync(CommandLineUser user, string password)
    {
        await File.WriteAllTextAsync(user.File("password"), password + "\n");
        File.SetUnixFileMode(user.File("password"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        user.Environment["AGENTKEYS_KEYSTORE_PASSWORD_FILE"] = user.File("password");
    }

    private static async Task<string> ReadUntilAsync(StreamReader reader, string part)
    {
        var text = "";
        while (!text.Contains(part, StringComparison.Ordinal))
            text += await reader.ReadLineAsync() + "\n";
        return text;
    }

    [GeneratedRegex("\"session_jwt\": \"([^\"]+)\"")]
    private static partial Regex JsonToken();

    [GeneratedRegex("#t=([A-Za-z0-9_-]+)")]
    private static partial Regex LinkToken();

    [GeneratedRegex("Code: (\\S+)")]
    private static partial Regex CodeOf();
}
