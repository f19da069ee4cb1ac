using System.CommandLine;
using System.Text;
using Broker.Cli.Client;
using Broker.Cli.Sessions;
using Broker.Cli.SignIn;
using Broker.Cli.Terminal;
using Broker.Cli.Wallet;
using Broker.Foundation;

namespace Broker.Cli.Dev;

/// <summary>
/// <c>brokerctl dev</c>: a broker and a local cloud (STS, S3) on this machine, and a wallet that is signed in. It runs
/// like a development server: until Ctrl-C, or until one of the two ends.
/// </summary>
internal static class DevCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public static Command Create()
    {
        var brokerPort = Port("--broker-port", "the broker's port; 8091 or the next free one when left out");
        var cloudPort = Port("--cloud-port", "the local cloud's port; 4580 or the next free one when left out");
        var json = new Option<bool>("--json") { Description = "print JSON, errors too" };
        var command = new Command("dev", "Run a broker and a local cloud on this machine, signed in, until Ctrl-C")
        {
            brokerPort, cloudPort, json,
        };
        command.SetAction(async (parsed, stop) =>
        {
            var (broker, cloud) = (
                ServerPrograms.Find("broker", "Broker"), ServerPrograms.Find("localcloud", "Broker.LocalCloud"));
            using var state = DevState.Take(parsed.GetValue(brokerPort), parsed.GetValue(cloudPort));
            var site = new DevSite(state);
            await using var cloudServer = await DevServer.StartAsync(
                "local cloud", [.. cloud, .. site.CloudArguments], state.Log("cloud"), state.Folder,
                new Uri(site.Cloud, "healthz"), [], stop);
            await using var brokerServer = await DevServer.StartAsync(
                "broker", broker, state.Log("broker"), state.Folder, new Uri(site.Broker, "healthz"), site.Settings,
                stop);

            var before = SessionKeeper.LastAddress();
            var session = await SignInAsync(site.Broker, state, stop);
            try
            {
                Show(parsed, site, state, session, parsed.GetValue(json));
                var ended = await Task.WhenAny(cloudServer.EndAsync(stop), brokerServer.EndAsync(stop));
                await Task.Delay(Pause, stop); // Ctrl-C reaches the servers too, and may do so first
                throw await ended;
            }
            catch (OperationCanceledException)
            {
                return ExitCode.Ok; // Ctrl-C and SIGTERM are how it ends
            }
            finally
            {
                await SessionKeeper.Create().ForgetAsync(site.Broker, CancellationToken.None);
                SessionKeeper.GoBackTo(before, site.Broker);
                File.Delete(state.TokenFile);
            }
        });
        return command;
    }

    private static async Task<StoredSession> SignInAsync(Uri address, DevState state, CancellationToken stop)
    {
        using var key = new KeySigner(File.Exists(state.WalletKey)
            ? WalletKeyFile.Read(state.WalletKey)
            : WalletKeyFile.Create(state.WalletKey));
        using var broker = BrokerConnection.To(address);
        var session = SignedInSession.Of(address, await WalletSignIn.RunAsync(broker, key, stop));
        await SessionKeeper.Create().KeepAsync(address, session, stop);
        DurableFile.Replace(state.TokenFile, Encoding.UTF8.GetBytes(session.Token));
        return session;
    }

    private static void Show(ParseResult parsed, DevSite site, DevState state, StoredSession session, bool json)
    {
        var output = parsed.InvocationConfiguration.Output;
        if (json)
        {
            JsonOutput.Write(
                output,
                new DevAnswer(
                    site.Broker.AbsoluteUri, site.Cloud.AbsoluteUri, state.Folder, session.OmniAccount,
                    session.WalletAddress, DevSite.VaultBucket, state.TokenFile),
                DevJson.Line.DevAnswer);
            output.Flush();
            return;
        }

        // A managed build runs in dotnet's process.
        var path = Environment.ProcessPath;
        var brokerctl = Path.GetFileName(path) == "brokerctl" ? path : "brokerctl";
        var cloud = site.Cloud.GetLeftPart(UriPartial.Authority);
        var container = $"AWS_CONTAINER_CREDENTIALS_FULL_URI={site.Broker}v1/aws/credentials/vault "
            + $"AWS_CONTAINER_AUTHORIZATION_TOKEN=\"$(cat {state.TokenFile})\"";
        output.WriteLine($"""
            broker       {site.Broker}  log {state.Log("broker")}
            local cloud  {site.Cloud}  log {state.Log("cloud")}
            signed in    {session.WalletAddress}, actor {session.OmniAccount}

            In another terminal, one of these:

              eval "$({brokerctl} creds --role vault)"    # credentials for this shell
              aws --endpoint-url {cloud} s3 ls s3://{DevSite.VaultBucket}/bots/{session.OmniAccount}/
              export {container}

            Ctrl-C stops both; what they hold stays in {state.Folder}
            """);
        output.Flush();
    }

    private static Option<int?> Port(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(given =>
        {
            if (given.GetValue(option) is < 1 or > 65535) given.AddError($"{name} is 1 to 65535");
        });
        return option;
    }
}
