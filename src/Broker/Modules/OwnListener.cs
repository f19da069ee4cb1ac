using System.Reflection;
using System.Text;
using System.Text.Json;
using Broker.Foundation.Settings;

namespace Broker.Modules;

/// <summary>
/// A port that a feature has to itself, on the address of the process. Only paths under <paramref name="Prefix"/> and
/// <c>/healthz</c> answer there, and such paths answer nowhere else.
/// </summary>
/// <param name="PortSetting">Where the port comes from.</param>
internal sealed record OwnListener(string Name, Setting PortSetting, int Port, string Prefix)
{
    /// <summary>What <c>/healthz</c> answers there, as JSON; null for <c>ok</c>.</summary>
    public string? Health { get; init; }
}

/// <summary>The <c>/healthz</c> of a service with a body (contract §11.5): <c>ok</c>, its own facts, its version.</summary>
internal static class ServiceHealth
{
    private static readonly string Version = typeof(ServiceHealth).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public static string Of(params (string Name, string Value)[] facts)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteBoolean("ok"u8, true);
            foreach (var (name, value) in facts) json.WriteString(name, value);
            json.WriteString("version"u8, Version);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
