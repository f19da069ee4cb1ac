namespace Broker.LocalCloud.Configuration;

/// <summary>Files that only their owner may read, and that are there whole or not at all.</summary>
internal static class OwnerOnlyFile
{
    /// <summary>Writes beside the file with mode 0600, then takes its place.</summary>
    public static void Replace(string path, params ReadOnlySpan<byte[]> parts)
    {
        var beside = $"{path}.{Guid.NewGuid():N}.new";
        var create = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        try
        {
            using (var file = new FileStream(beside, create))
            {
                foreach (var part in parts) file.Write(part);
            }

            File.Move(beside, path, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }
}
