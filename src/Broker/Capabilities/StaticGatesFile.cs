using System.Text.Json.Serialization;
using Broker.Configuration;
using Broker.Foundation.Settings;

namespace Broker.Capabilities;

/// <summary>A device of the file.</summary>
internal sealed record WrittenDevice(
    [property: JsonPropertyName("device_key_hash"), JsonRequired] string DeviceKeyHash,
    [property: JsonPropertyName("operator_omni"), JsonRequired] string Operator,
    [property: JsonPropertyName("actor_omni"), JsonRequired] string Actor,
    [property: JsonPropertyName("roles"), JsonRequired] uint Roles,
    [property: JsonPropertyName("revoked")] bool IsRevoked = false);

/// <summary>What an operator gives an actor.</summary>
internal sealed record WrittenScope(
    [property: JsonPropertyName("operator_omni"), JsonRequired] string Operator,
    [property: JsonPropertyName("actor_omni"), JsonRequired] string Actor,
    [property: JsonPropertyName("services"), JsonRequired] string[] Services);

/// <summary>The whole file.</summary>
internal sealed record WrittenGates(
    [property: JsonPropertyName("k3_epoch"), JsonRequired] long Epoch,
    [property: JsonPropertyName("devices"), JsonRequired] WrittenDevice[] Devices,
    [property: JsonPropertyName("scopes"), JsonRequired] WrittenScope[] Scopes);

/// <summary>
/// The file of <c>BROKER_CAPABILITY_STATIC_PATH</c>. It is no secret; whoever can write it can admit devices, so only
/// its owner may.
/// <code>
/// {
///   "k3_epoch": 1,
///   "devices": [
///     { "device_key_hash": "0x…", "operator_omni": "0x…", "actor_omni": "0x…", "roles": 1, "revoked": false }
///   ],
///   "scopes": [
///     { "operator_omni": "0x…", "actor_omni": "0x…", "services": ["openrouter", "memory:notes"] }
///   ]
/// }
/// </code>
/// Hashes and omnis are <c>0x</c> and 64 hex digits. The bit <c>0x01</c> of <c>roles</c> lets a device mint. A member
/// that is not known is refused, for a misspelt restriction would be none.
/// </summary>
internal static class StaticGatesFile
{
    private const int Longest = 16 << 20;

    /// <exception cref="BootFailException">The file is missing or not usable.</exception>
    public static void Check(string path)
    {
        try
        {
            Read(path);
        }
        catch (FormatException wrong)
        {
            throw BootFailException.At(CapabilitySettings.StaticPath, path, wrong.Message, wrong);
        }
    }

    /// <exception cref="FormatException">
    /// The file is missing or not usable, with a reason fit for an operator.
    /// </exception>
    public static WrittenGates Read(string path)
    {
        var read = OperatorFile.Read(path, Longest, StaticGatesJson.Default.WrittenGates,
            "a file of gates: JSON with k3_epoch, devices and scopes");
        CheckHex([
            .. read.Devices.SelectMany(one => (string[])[one.DeviceKeyHash, one.Operator, one.Actor]),
            .. read.Scopes.SelectMany(one => (string[])[one.Operator, one.Actor])]);
        var devices = read.Devices.DistinctBy(one => Normal(one.DeviceKeyHash)).Count();
        return read.Epoch >= 0 && devices == read.Devices.Length
            ? read
            : throw new FormatException("k3_epoch is negative, or a device is there twice");
    }

    /// <summary>64 lower-case hex digits.</summary>
    public static string Normal(string hex) => hex[2..].ToLowerInvariant();

    private static void CheckHex(string[] values)
    {
        if (Array.Find(values, one => one.Length != 66 || !one.StartsWith("0x", StringComparison.Ordinal)
            || !one.AsSpan(2).ToString().All(char.IsAsciiHexDigit)) is not null)
            throw new FormatException("a hash or omni in it is not 0x and 64 hex digits");
    }
}

[JsonSerializable(typeof(WrittenGates))]
[JsonSourceGenerationOptions(
    RespectNullableAnnotations = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
internal sealed partial class StaticGatesJson : JsonSerializerContext;
