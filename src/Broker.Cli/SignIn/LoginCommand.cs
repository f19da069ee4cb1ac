using System.CommandLine;
using Broker.Cli.Client;
using Broker.Cli.Sessions;
using Broker.Cli.Terminal;
using Broker.Cli.Wallet;
using Broker.Cryptography;

namespace Broker.Cli.SignIn;

/// <summary>
/// <c>brokerctl login</c>: proves who the caller is and keeps the session for the other commands.
/// </summary>
internal static class LoginCommand
{
    public static Command Create()
    {
        var wallet = new Option<string?>("--wallet")
        {
            Description = "a wallet's key file, as brokerctl wallet new makes it",
            HelpName = "KEYFILE",
        };
        var keystore = new Option<string?>("--keystore")
        {
            Description = $"an Ethereum keystore (version 3); its password is asked for, or in the file of "
                + KeystorePassword.Variable,
            HelpName = "FILE",
        };
        var signer = new Option<string?>("--signer")
        {
            Description = "a shell command that gets the message on standard input and prints the signature; with "
                + "--address",
            HelpName = "CMD",
        };
        var address = new Option<string?>("--address") { Description = "the address that the signer signs for" };
        var email = new Option<string?>("--email") { Description = "a mailbox that gets a link", HelpName = "MAILBOX" };
        var device = new Option<bool>("--device")
        {
            Description = "show a code that a person enters on a page of the broker, on any device",
        };
        var client = new Option<string>("--client-id")
        {
            Description = "for --device: the OAuth client",
            DefaultValueFactory = _ => DeviceSignIn.ClientId,
        };
        var label = new Option<string?>("--device-label")
        {
            Description = "what the mail calls this machine; its host name when left out",
        };
        var shared = new ClientOptions();
        var command = new Command(
            "login", "Sign in by wallet, mail or another device, and keep the session for the other commands")
        {
            wallet, keystore, signer, address, email, device, client, label,
        };
        shared.AddTo(command);
        command.Validators.Add(given =>
        {
            var ways = new Option[] { wallet, keystore, signer, email, device }
                .Count(way => given.GetResult(way) is { Implicit: false });
            if (ways != 1) given.AddError("give one of --wallet, --keystore, --signer, --email, --device");
            if (given.GetResult(signer) is not null != given.GetResult(address) is not null)
                given.AddError("--signer and --address belong together");
        });
        command.SetAction(async (parsed, stop) =>
        {
            var url = shared.Address(parsed);
            var keeper = SessionKeeper.Create();
            using var broker = BrokerConnection.To(url);
            SignedIn signedIn;
            if (parsed.GetValue(device))
            {
                var tell = parsed.InvocationConfiguration.Error;
                var given = await DeviceSignIn.RunAsync(
                    broker, parsed.GetValue(client)!, !Console.IsErrorRedirected, tell, stop);
                await tell.WriteLineAsync();
                signedIn = await SignedInSession.DescribeAsync(broker, given, stop);
            }
            else if (parsed.GetValue(email) is { } mailbox)
            {
                signedIn = await MailSignIn.RunAsync(
                    broker, mailbox, parsed.GetValue(label) ?? Environment.MachineName,
                    parsed.InvocationConfiguration.Error, stop);
            }
            else
            {
                using var key = Signer(
                    parsed.GetValue(wallet), parsed.GetValue(keystore), parsed.GetValue(signer),
                    parsed.GetValue(address));
                signedIn = await WalletSignIn.RunAsync(broker, key, stop);
            }

            var session = SignedInSession.Of(url, signedIn);
            await keeper.KeepAsync(url, session, stop);
            SessionText.Write(parsed, shared, session, keeper.StoreName);
            return ExitCode.Ok;
        });
        return command;
    }

    private static IWalletSigner Signer(string? keyFile, string? keystore, string? program, string? address)
    {
        if (keyFile is not null) return new KeySigner(WalletKeyFile.Read(keyFile));
        if (keystore is not null) return new KeySigner(Keystore.Open(keystore, KeystorePassword.Read(keystore)));
        return EthereumAddress.TryParse(address, out var parsed)
            ? new CommandSigner(program!, parsed)
            : throw new CommandFailedException("--address must be 0x and 40 hex digits", ExitCode.Misuse);
    }
}
