using System.Text;
using Broker.Cli.Terminal;
using Broker.Cli.Wallet;
using Broker.Cryptography;

namespace Broker.Cli.Tests.Wallet;

/// <summary><c>brokerctl wallet</c> on real files.</summary>
public sealed class WalletCommandsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("brokerctl-wallet-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Makes_a_key_for_its_owner_only_and_knows_its_address()
    {
        var made = await RunAsync("wallet", "new", "--key", Path("w"));
        var shown = await RunAsync("wallet", "address", "--key", Path("w"));

        made.Code.ShouldBe(ExitCode.Ok);
        EthereumAddress.TryParse(made.Output.Trim(), out _).ShouldBeTrue();
        shown.Output.ShouldBe(made.Output);
        File.GetUnixFileMode(Path("w")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        made.Output.ShouldNotContain((await File.ReadAllTextAsync(Path("w"))).Trim());
    }

    [Fact]
    public async Task Never_replaces_a_key()
    {
        await RunAsync("wallet", "new", "--key", Path("w"));
        var before = await File.ReadAllTextAsync(Path("w"));

        var again = await RunAsync("wallet", "new", "--key", Path("w"));

        again.Code.ShouldBe(ExitCode.Failed);
        again.Error.ShouldContain("exists");
        (await File.ReadAllTextAsync(Path("w"))).ShouldBe(before);
    }

    /// <summary>
    /// The worked example of the web3.js documentation for <c>eth.accounts.sign("Some data", key)</c>: its key, its
    /// address and the signature that it prints.
    /// </summary>
    [Fact]
    public async Task Signs_as_wallets_do()
    {
        Write("w", "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318\n", 0x180);
        await File.WriteAllTextAsync(Path("m"), "Some data");

        (await RunAsync("wallet", "address", "--key", Path("w"))).Output.Trim()
            .ShouldBe("0x2c7536e3605d9c16a7a3d7b1898e529396a65c23");
        (await RunAsync("wallet", "sign", "--key", Path("w"), "--message-file", Path("m"))).Output.Trim().ShouldBe(
            "0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd"
            + "6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c");
    }

    [Fact]
    public async Task Signs_every_byte_of_the_message()
    {
        await RunAsync("wallet", "new", "--key", Path("w"));
        await File.WriteAllTextAsync(Path("m"), "line\n");

        var signed = await RunAsync("wallet", "sign", "--key", Path("w"), "--message-file", Path("m"));

        var signature = Convert.FromHexString(signed.Output.Trim()[2..]);
        signature[^1] -= 27;
        Secp256k1.RecoverAddress(PersonalMessage.Hash(Encoding.UTF8.GetBytes("line\n")), signature, out var address);
        address.ToString().ShouldBe((await RunAsync("wallet", "address", "--key", Path("w"))).Output.Trim());
    }

    /// <summary>
    /// What <c>echo</c> and <c>jq -r</c> put after a message belongs to them; a second line feed is the message's.
    /// </summary>
    [Theory]
    [InlineData("Some data")]
    [InlineData("Some data\n")]
    public async Task Forgives_one_line_feed_at_the_end_of_standard_input(string piped)
    {
        Write("w", "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318\n", 0x180);

        var (code, output, error) = await BrokerCtlProcess.RunAsync(piped, "wallet", "sign", "--key", Path("w"));

        code.ShouldBe(ExitCode.Ok, error);
        output.Trim().ShouldBe(
            "0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd"
            + "6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c");
        // The hash is that of the same example.
        error.ShouldContain("signed 9 bytes");
        error.ShouldContain("0x1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655");
        error.ShouldContain("\"Some data\"");
    }

    [Theory]
    [InlineData("", ExitCode.Misuse)]
    [InlineData("\n", ExitCode.Misuse)]
    [InlineData("\n\n", ExitCode.Ok)]
    public async Task A_line_feed_alone_is_no_message(string piped, int expected)
    {
        await RunAsync("wallet", "new", "--key", Path("w"));

        (await BrokerCtlProcess.RunAsync(piped, "wallet", "sign", "--key", Path("w"))).Code.ShouldBe(expected);
    }

    [Fact]
    public async Task Says_what_it_signed_in_a_form_that_a_terminal_can_show()
    {
        await RunAsync("wallet", "new", "--key", Path("w"));
        await File.WriteAllTextAsync(Path("m"), "\e[2J\u202eto \0x" + new string('y', 200) + "\nsecond");

        var signed = await RunAsync("wallet", "sign", "--key", Path("w"), "--message-file", Path("m"));

        signed.Error.ShouldContain("\"?[2J?to ?x" + new string('y', 90) + "…\"");
        signed.Error.ShouldNotContain("second");
        signed.Output.Trim().Length.ShouldBe(132);
    }

    [Fact]
    public async Task Refuses_a_key_file_that_others_can_read()
    {
        Write("w", new string('1', 64) + "\n", 0x1A4);

        var refused = await RunAsync("wallet", "address", "--key", Path("w"));

        refused.Code.ShouldBe(ExitCode.Failed);
        refused.Error.ShouldContain("chmod 600");
    }

    [Theory]
    [InlineData("")]
    [InlineData("11")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("11111111111111111111111111111111111111111111111111111111111111111")]
    [InlineData("111111111111111111111111111111111111111111111111111111111111111g")]
    public async Task Refuses_a_file_without_a_key_and_does_not_repeat_it(string text)
    {
        Write("w", text, 0x180);

        var refused = await RunAsync("wallet", "address", "--key", Path("w"));

        refused.Code.ShouldBe(ExitCode.Failed);
        refused.Error.ShouldContain("holds no wallet key");
        if (text.Length > 2) refused.Error.ShouldNotContain(text);
    }

    [Fact]
    public async Task Refuses_an_empty_message_and_a_file_that_is_not_there()
    {
        await RunAsync("wallet", "new", "--key", Path("w"));
        await File.WriteAllTextAsync(Path("m"), "");

        (await RunAsync("wallet", "sign", "--key", Path("w"), "--message-file", Path("m")))
            .Code.ShouldBe(ExitCode.Misuse);
        (await RunAsync("wallet", "sign", "--key", Path("w"), "--message-file", Path("none")))
            .Code.ShouldBe(ExitCode.Failed);
        (await RunAsync("wallet", "sign", "--key", Path("none"))).Code.ShouldBe(ExitCode.Failed);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await BrokerCtlProgram.RunAsync([WalletCommands.Create()], args, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    private void Write(string name, string text, int mode)
    {
        File.WriteAllText(Path(name), text);
        File.SetUnixFileMode(Path(name), (UnixFileMode)mode);
    }
}
