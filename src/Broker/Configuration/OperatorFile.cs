using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation;

namespace Broker.Configuration;

/// <summary>
/// A JSON file that an operator writes to say who may have what. It is no secret; whoever can write it can give rights
/// away, so only its owner may.
/// </summary>
internal static class OperatorFile
{
    /// <param name="longest">In bytes.</param>
    /// <param name="type">Of the file's content. Members that it does not know should be refused: a misspelt
    /// restriction would be none.</param>
    /// <param name="form">What the file is to be, for whoever wrote something else.</param>
    /// <exception cref="FormatException">
    /// The file is missing or not usable, with a reason fit for an operator.
    /// </exception>
    public static T Read<T>(string path, int longest, JsonTypeInfo<T> type, string form)
        where T : notnull
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) throw new FormatException("no such file");
            if (file.Length > longest) throw new FormatException($"is larger than {longest} bytes");
            if ((file.UnixFileMode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
                throw new FormatException($"may be written by others; run: chmod go-w {path}");
            return StrictJson.Deserialize(File.ReadAllBytes(path), type);
        }
        catch (JsonException wrong)
        {
            throw new FormatException($"is not {form}", wrong);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new FormatException("cannot be read", fault);
        }
    }
}
