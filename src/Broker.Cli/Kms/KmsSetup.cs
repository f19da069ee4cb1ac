using System.CommandLine;
using System.Text.Json.Nodes;
using Broker.Cli.Terminal;

namespace Broker.Cli.Kms;

/// <summary>
/// The steps from a machine without keys to a KMS at work, each saying what it waits for and what comes next.
/// </summary>
internal static class KmsSetup
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StartPoll = TimeSpan.FromMilliseconds(500);

    public static Command CreateBootstrap()
    {
        var command = new Command("bootstrap", "Make the keys of the first KMS; prints the key provider id");
        var target = new KmsTarget(command);
        var domain = Domain(command);
        var finish = FinishOption(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var kms = target.Connect(parsed);
            var (output, progress) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            await progress.WriteLineAsync($"making keys for {parsed.GetValue(domain)} at {kms.Address} …");
            var made = await kms.CallAsync(
                "Onboard.Bootstrap", new JsonObject { ["domain"] = parsed.GetRequiredValue(domain) }, stop);
            await output.WriteLineAsync($"key_provider_id  {made["ca_pubkey"]}");
            await output.WriteLineAsync($"k256_pubkey      {made["k256_pubkey"]}");
            return await EndAsync(kms, parsed.GetValue(finish), progress, stop);
        });
        return command;
    }

    public static Command CreateOnboard()
    {
        var command = new Command("onboard", "Take over the keys of a KMS that runs: makes this one its replica");
        var target = new KmsTarget(command);
        var domain = Domain(command);
        var source = new Option<string>("--source")
        {
            Description = "Address of the running KMS as seen from inside the new one's machine (on dstack: 10.0.2.2)",
            Required = true,
        };
        command.Options.Add(source);
        var finish = FinishOption(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var kms = target.Connect(parsed);
            var progress = parsed.InvocationConfiguration.Error;
            await progress.WriteLineAsync($"fetching the keys of {parsed.GetValue(source)} to {kms.Address} …");
            await kms.CallAsync("Onboard.Onboard", new JsonObject
            {
                ["source_url"] = parsed.GetRequiredValue(source),
                ["domain"] = parsed.GetRequiredValue(domain),
            }, stop);
            await parsed.InvocationConfiguration.Output.WriteLineAsync("onboarded");
            return await EndAsync(kms, parsed.GetValue(finish), progress, stop);
        });
        return command;
    }

    public static Command CreateFinish()
    {
        var command = new Command("finish", "End onboarding and wait until the KMS serves");
        var target = new KmsTarget(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var kms = target.Connect(parsed);
            return await EndAsync(kms, finish: true, parsed.InvocationConfiguration.Error, stop);
        });
        return command;
    }

    private static async Task<int> EndAsync(KmsConnection kms, bool finish, TextWriter progress, CancellationToken stop)
    {
        if (!finish)
        {
            await progress.WriteLineAsync("the keys are stored; 'brokerctl kms finish' starts the KMS");
            return ExitCode.Ok;
        }

        await kms.GetAsync("finish", stop);
        await progress.WriteLineAsync("onboarding ended; waiting until the KMS serves …");
        var deadline = TimeProvider.System.GetUtcNow() + StartPatience;
        while (TimeProvider.System.GetUtcNow() < deadline)
        {
            if (await ServesAsync(kms, stop))
            {
                await progress.WriteLineAsync("the KMS serves");
                return ExitCode.Ok;
            }

            await Task.Delay(StartPoll, stop);
        }

        throw new CommandFailedException(
            $"{kms.Address} does not serve after {StartPatience.TotalSeconds} s; see its log");
    }

    /// <summary>Only the main service knows the method.</summary>
    private static async Task<bool> ServesAsync(KmsConnection kms, CancellationToken stop)
    {
        try
        {
            return await kms.TryCallAsync("KMS.GetMeta", stop) is not null;
        }
        catch (CommandFailedException)
        {
            return false;
        }
    }

    private static Argument<string> Domain(Command command)
    {
        var domain = new Argument<string>("DOMAIN") { Description = "The name that guests will dial" };
        command.Arguments.Add(domain);
        return domain;
    }

    private static Option<bool> FinishOption(Command command)
    {
        var finish = new Option<bool>("--finish") { Description = "Also end onboarding and start the KMS" };
        command.Options.Add(finish);
        return finish;
    }
}
