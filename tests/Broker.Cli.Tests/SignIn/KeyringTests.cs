using Broker.Cli.Tests.Support;

namespace Broker.Cli.Tests.SignIn;

/// <summary>
/// The session in the system's keyring: a real one (gnome-keyring behind libsecret's <c>secret-tool</c>) on a D-Bus
/// session of its own.
/// </summary>
public sealed class KeyringTests(BrokerSite site) : IClassFixture<BrokerSite>
{
    [Fact]
    public async Task The_keyring_keeps_the_session_where_there_is_one()
    {
        using var user = await site.UserAsync();
        var info = BrokerCtlProgram.Info();
        var program = string.Join(' ', info.ArgumentList.Prepend(info.FileName).Select(part => $"'{part}'"));
        await File.WriteAllTextAsync(user.File("session.sh"), $"""
            set -e
            printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
            brokerctl() {"{"} {program} "$@"; {"}"}
            brokerctl login --wallet agent.key
            brokerctl whoami
            find .local/state/agentkeys -name 'session-*' | sed 's/^/found /'
            secret-tool lookup service agentkeys broker {site.Broker.AbsoluteUri} | grep -c session_jwt
            brokerctl logout
            secret-tool lookup service agentkeys broker {site.Broker.AbsoluteUri} && echo still there
            brokerctl whoami || echo nobody
            """);

        var ran = await user.RunProgramAsync("dbus-run-session", ["--", "sh", "session.sh"]);

        ran.ShouldSucceed().Output.ShouldContain("kept in    the system's keyring");
        ran.Output.ShouldNotContain("found ");
        ran.Output.ShouldNotContain("still there");
        ran.Output.ShouldNotContain("eyJ");
        ran.Output.TrimEnd().ShouldEndWith("nobody");
        ran.Output.ShouldContain("\n1\n");
    }

    [Fact]
    public async Task Files_can_be_chosen_and_another_word_cannot()
    {
        using var user = await site.UserAsync();
        user.Environment["AGENTKEYS_SESSION_STORE"] = "file";
        (await user.RunAsync("login", "--wallet", user.KeyFile)).ShouldSucceed().Output.ShouldContain(user.StateFolder);

        user.Environment["AGENTKEYS_SESSION_STORE"] = "pocket";
        var ran = await user.RunAsync("whoami");
        ran.Code.ShouldBe(Terminal.ExitCode.Misuse);
        ran.Error.ShouldContain("file or keyring");
    }
}
