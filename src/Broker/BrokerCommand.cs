using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Broker.Configuration;
using Broker.Foundation.Settings;
using Broker.Http;
using Broker.Inbox.Routing;
using Broker.Kms.Lifecycle;
using Broker.KmsHosting;
using Broker.Modules;
using Broker.SigningKeys;
using Microsoft.AspNetCore.Connections;

namespace Broker;

/// <summary>The command line of <c>Broker.dll</c>: serve, make a key file, print the settings, or file inbound
/// mail.</summary>
internal static class BrokerCommand
{
    private const int Failed = 1;

    private static readonly Option<string?> Bind = new("--bind")
    {
        Description = "Address to listen on (BROKER_BIND).",
    };
    private static readonly Option<string?> Port = new("--port")
    {
        Description = "Port to listen on (BROKER_PORT).",
    };
    private static readonly Option<bool> SkipStartupCheck = new("--skip-startup-check")
    {
        Description = "Do not ask STS who we are before listening.",
    };
    private static readonly Option<bool> Init = new("--init")
    {
        Description = "Create key files that do not exist yet, mode 0600.",
    };
    private static readonly Option<string?> ExportSessionKey = new("--export-session-pubkey-to")
    {
        Description = "Write the session key's public half (SPKI PEM) to this path, then go on serving.",
    };

    /// <summary>Runs to the end of the process; the result is the exit code.</summary>
    public static Task<int> RunAsync(string[] args, BootEnvironment boot)
    {
        var root = new RootCommand(
            "Broker: short-lived credentials for proven identities, each on record before it leaves.")
        {
            Bind, Port, SkipStartupCheck, Init, ExportSessionKey,
        };
        root.SetAction((parsed, stop) =>
        {
            var given = boot
                .With(HttpSettings.Bind, parsed.GetValue(Bind)).With(HttpSettings.Port, parsed.GetValue(Port));
            return GuardAsync(given, () => ServeAsync(parsed, given, stop));
        });
        root.Subcommands.Add(Keygen());
        root.Subcommands.Add(PrintSettings());
        root.Subcommands.Add(RouteMailCommand.Create(boot));
        return root.Parse(args).InvokeAsync();
    }

    private static async Task<int> ServeAsync(ParseResult parsed, BootEnvironment boot, CancellationToken stop)
    {
        var choices = new StartupChoices(
            parsed.GetValue(SkipStartupCheck), parsed.GetValue(Init), parsed.GetValue(ExportSessionKey));
        if (ProcessParts.IsKmsAlone(boot))
        {
            using var node = KmsNode.Build(boot, choices, TimeProvider.System);
            var alone = node.Services.GetRequiredService<KmsHost>();
            await node.RunAsync(stop);
            return await EndAsync(alone);
        }

        if (BrokerHost.BuildOnboarding(boot, choices, TimeProvider.System) is { } onboarding)
        {
            await using (onboarding)
            {
                var waiting = onboarding.Services.GetRequiredService<KmsHost>();
                await onboarding.RunAsync(stop);
                if (!waiting.HasKeys) return await EndAsync(waiting);
            }
        }

        await using var app = await BrokerHost.BuildAsync(boot, choices, TimeProvider.System, stop);
        var kms = app.Services.GetService<KmsHost>();
        try
        {
            await app.StartAsync(stop);
        }
        catch
        {
            // Otherwise the background services that did start would log their end as a fault.
            app.Lifetime.StopApplication();
            throw;
        }

        await app.WaitForShutdownAsync(stop);
        return await EndAsync(kms);
    }

    /// <summary>The KMS comes up beside the listening process; that it could not is told at the end.</summary>
    private static async Task<int> EndAsync(KmsHost? kms)
    {
        if (kms?.StartFault is { } fault)
            await Console.Error.WriteLineAsync($"BOOT_FAIL: {fault.ReplaceLineEndings(" ")}; see README#kms");
        return Environment.ExitCode;
    }

    private static Command Keygen()
    {
        var purpose = new Option<string>("--purpose") { Description = "oidc, session or ledger.", Required = true };
        purpose.AcceptOnlyFromAmong(KeyPurpose.All);
        var path = new Option<string>("--out")
        {
            Description = "Where to write it; an existing file is never replaced.",
            Required = true,
        };
        var command = new Command("keygen", "Make a key file, mode 0600.") { purpose, path };
        command.SetAction(parsed =>
        {
            var target = Path.GetFullPath(parsed.GetRequiredValue(path));
            var key = KeyGeneration.Create(parsed.GetRequiredValue(purpose), TimeProvider.System);
            try
            {
                key.Write(target);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"keygen: {target}: {fault.Message}");
                return Failed;
            }

            Console.WriteLine($"{target}: {key.Purpose} key {key.KeyId}");
            return 0;
        });
        return command;
    }

    private static Command PrintSettings()
    {
        var command = new Command(
            "settings", "Print every setting with its default, bounds and meaning (broker.env.example).");
        command.SetAction(_ => Console.Out.Write(EnvironmentExample.Print(BrokerModules.All)));
        return command;
    }

    /// <summary>A start that must not be becomes its lines on standard error and exit code 1.</summary>
    private static async Task<int> GuardAsync(BootEnvironment boot, Func<Task<int>> serve)
    {
        try
        {
            return await serve();
        }
        catch (BootFailException fail)
        {
            await Console.Error.WriteLineAsync(fail.Line);
            return Failed;
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            await Console.Error.WriteLineAsync(CannotListen(boot, SocketError.AddressAlreadyInUse).Line);
            return Failed;
        }
        catch (SocketException unusable)
        {
            await Console.Error.WriteLineAsync(CannotListen(boot, unusable.SocketErrorCode).Line);
            return Failed;
        }
    }

    private static BootFailException CannotListen(BootEnvironment boot, SocketError error)
    {
        var (address, port) = (boot.Read(HttpSettings.Bind), boot.Read(HttpSettings.Port));
        var (bind, number) = (address.ToString(), $"{port}");
        return error switch
        {
            SocketError.AddressAlreadyInUse => BootFailException.At(
                HttpSettings.Port, number,
                $"another program listens on {new IPEndPoint(address, port)}; "
                + "choose another port by BROKER_PORT or --port"),
            SocketError.AccessDenied => BootFailException.At(
                HttpSettings.Port, number, $"this user may not listen on {new IPEndPoint(address, port)}"),
            SocketError.AddressNotAvailable => BootFailException.At(
                HttpSettings.Bind, bind, "is not an address of this machine"),
            _ => BootFailException.At(HttpSettings.Bind, bind, $"the system cannot listen there: {error}"),
        };
    }
}
