using System.Text.Json;
using System.Text.Json.Serialization;

namespace Broker.Cli.Kms;

/// <summary>How a backup and the files inside it are written and read; made at build time.</summary>
[JsonSerializable(typeof(KeyBackup))]
[JsonSerializable(typeof(Dictionary<string, byte[]>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, byte[]>))]
internal sealed partial class BackupJson : JsonSerializerContext
{
    /// <summary>The form of the backup's own file.</summary>
    public static readonly BackupJson Form = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    });
}
