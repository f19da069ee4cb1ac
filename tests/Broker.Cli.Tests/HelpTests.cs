using Broker.Cli.Terminal;

namespace Broker.Cli.Tests;

/// <summary>Whoever does not know the commands yet is told them.</summary>
public sealed class HelpTests
{
    /// <summary>Help, and yet misuse: a script that forgot the command must not go on.</summary>
    [Theory]
    [InlineData("ledger")]
    [InlineData("kms")]
    [InlineData("quote")]
    [InlineData("attestation")]
    [InlineData("issuer")]
    [InlineData("tee")]
    [InlineData("wallet")]
    public async Task Without_a_command_the_help_is_printed(string group)
    {
        var (code, output, error) = await BrokerCtlProcess.RunAsync("");

        code.ShouldBe(ExitCode.Misuse, error);
        output.ShouldContain("Usage:");
        output.ShouldContain($"\n  {group} ");

        var (groupCode, groupOutput, _) = await BrokerCtlProcess.RunAsync("", group);

        groupCode.ShouldBe(ExitCode.Misuse);
        groupOutput.ShouldContain($"brokerctl {group}");
        groupOutput.ShouldContain("Commands:");
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("wallet", "sign", "--help")]
    public async Task Help_that_was_asked_for_is_success(params string[] arguments)
    {
        var (code, output, _) = await BrokerCtlProcess.RunAsync("", arguments);

        code.ShouldBe(ExitCode.Ok);
        output.ShouldContain("Usage:");
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_named()
    {
        var (code, _, error) = await BrokerCtlProcess.RunAsync("", "walet", "sign");

        code.ShouldBe(ExitCode.Misuse);
        error.ShouldContain("walet");
    }
}
