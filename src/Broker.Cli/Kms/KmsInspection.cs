using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Attestation.RaTls;
using Broker.Attestation.VirtualMachine;
using Broker.Cli.Terminal;

namespace Broker.Cli.Kms;

/// <summary>Looking at a KMS from outside.</summary>
internal static class KmsInspection
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command CreateStatus()
    {
        var command = new Command("status", "Say in which phase a KMS is, and what an operator needs next");
        var target = new KmsTarget(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var kms = target.Connect(parsed);
            var output = parsed.InvocationConfiguration.Output;
            return await ShowOnboardingAsync(kms, output, stop) || await ShowRunningAsync(kms, output, stop)
                ? ExitCode.Ok
                : ExitCode.Failed;
        });
        return command;
    }

    public static Command CreateMeta()
    {
        var command = new Command("meta", "Print what GetMeta answers, as JSON");
        var target = new KmsTarget(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var kms = target.Connect(parsed);
            var meta = await kms.CallAsync("KMS.GetMeta", [], stop);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(meta.ToJsonString(Indented));
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command CreateVersion()
    {
        var command = new Command("version", "Print the version and the commit of a KMS that runs");
        var target = new KmsTarget(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var kms = target.Connect(parsed);
            var version = await kms.VersionAsync(stop)
                ?? throw new CommandFailedException($"{kms.Address} names no version; a KMS does once it runs");
            await parsed.InvocationConfiguration.Output.WriteLineAsync(version);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <returns>False when the KMS is past onboarding.</returns>
    private static async Task<bool> ShowOnboardingAsync(KmsConnection kms, TextWriter output, CancellationToken stop)
    {
        var state = await kms.TryGetObjectAsync("state", stop);
        var isStored = state?["keys_stored"] is JsonValue value && value.TryGetValue<bool>(out var stored) && stored;
        JsonObject? machine = null;
        string? fault = null;
        try
        {
            machine = await kms.TryCallAsync("Onboard.GetAttestationInfo", stop);
        }
        catch (CommandFailedException failed) when (state is not null)
        {
            fault = failed.Message;
        }

        if (machine is null && state is null) return false;
        await output.WriteLineAsync(isStored
            ? "phase          onboarding: keys stored, not finished"
            : "phase          onboarding: no keys yet");
        await WriteAsync(output, "site", machine?["site_name"]);
        await WriteAsync(output, "mr_aggregated", machine?["mr_aggregated"]);
        await WriteAsync(output, "device_id", machine?["device_id"]);
        if (machine is not null) await WriteImageAsync(output, machine["os_image_hash"]?.ToString());
        await WriteAsync(output, "machine", fault);
        await WriteAsync(output, "k256_pubkey", state?["k256_pubkey"]);
        await WriteAsync(output, "key_provider", state?["ca_pubkey"]);
        await output.WriteLineAsync(isStored
            ? "next           'brokerctl kms finish' starts the KMS"
            : "next           allow these, then 'brokerctl kms bootstrap' or 'onboard'");
        return true;
    }

    private static async Task<bool> ShowRunningAsync(KmsConnection kms, TextWriter output, CancellationToken stop)
    {
        var meta = await kms.CallAsync("KMS.GetMeta", [], stop);
        await output.WriteLineAsync("phase          running");
        await WriteAsync(output, "version", await kms.VersionAsync(stop));
        await WriteAsync(output, "k256_pubkey", meta["k256_pubkey"]);
        await WriteAsync(output, "key_provider", meta["bootstrap_info"]?["ca_pubkey"]);
        await WriteImageAsync(output, ClaimedImage(kms));
        await WriteAsync(output, "gateway", meta["gateway_app_id"]);
        if (meta["is_dev"] is JsonValue value && value.TryGetValue<bool>(out var isDev) && isDev)
            await output.WriteLineAsync("policy         dev: everybody is allowed");
        return true;
    }

    /// <summary>The image that the evidence in the server's certificate claims; nobody verified it here.</summary>
    private static string? ClaimedImage(KmsConnection kms)
    {
        if (kms.ServerCertificate is not { } shown) return null;
        var certificate = RaTlsCertificate.Read(shown);
        if (!certificate.Succeeded || certificate.Value.Attestation is not { } evidence) return null;
        var config = VmConfig.Parse(evidence.Config, unwrapSysConfig: true);
        return config.Succeeded && !config.Value.OsImageHash.IsEmpty
            ? $"{Convert.ToHexStringLower(config.Value.OsImageHash.Span)} (as its certificate claims)"
            : null;
    }

    private static Task WriteImageAsync(TextWriter output, string? hash) =>
        WriteAsync(output, "os_image_hash", hash is { Length: > 0 } ? hash : "not known");

    private static async Task WriteAsync(TextWriter output, string name, object? value)
    {
        if (value?.ToString() is { Length: > 0 } text) await output.WriteLineAsync($"{name,-14} {text}");
    }
}
