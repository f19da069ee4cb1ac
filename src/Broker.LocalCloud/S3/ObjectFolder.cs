using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Foundation;
using Broker.LocalCloud.Configuration;

namespace Broker.LocalCloud.S3;

/// <summary>
/// Objects on disk. One file per object, <c>buckets/BUCKET/SHA-256-OF-KEY</c>, mode 0600: four bytes big-endian length
/// of a JSON header (<c>{"key","headers","etag","lastModified"}</c>), that header, the object's bytes. Keys are hashed
/// because <c>..</c>, <c>//</c> and 1024 bytes are fine in S3 and not in a file name.
/// </summary>
internal sealed class ObjectFolder
{
    private readonly string _root;

    public ObjectFolder(string folder)
    {
        _root = Path.Combine(folder, "buckets");
        CreatePrivate(folder);
        CreatePrivate(_root);
    }

    /// <exception cref="LocalCloudConfigurationException">A file in the folder is not one of ours.</exception>
    public IEnumerable<StoredObject> Load(string bucket)
    {
        var folder = Path.Combine(_root, bucket);
        CreatePrivate(folder);
        // What begins with a dot was being written when a process ended.
        var files = Directory.EnumerateFiles(folder).Where(path => Path.GetFileName(path)[0] != '.');
        foreach (var file in files)
        {
            yield return Read(File.ReadAllBytes(file))
                ?? throw new LocalCloudConfigurationException($"{file} is not an object of the local cloud");
        }
    }

    public void Save(string bucket, StoredObject stored)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(
            new Header(stored.Key, new(stored.Headers), stored.ETag, stored.LastModified));
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, header.Length);
        DurableFile.Replace(FileOf(bucket, stored.Key), [.. length, .. header, .. stored.Bytes]);
    }

#pragma warning disable CA3003 // The path is a configured bucket and a hash of the key; nothing else.
    public void Delete(string bucket, string key) => File.Delete(FileOf(bucket, key));
#pragma warning restore CA3003

    private static StoredObject? Read(byte[] file)
    {
        if (file.Length < sizeof(int)) return null;
        var length = BinaryPrimitives.ReadInt32BigEndian(file);
        if (length <= 0 || length > file.Length - sizeof(int)) return null;
        try
        {
            var header = JsonSerializer.Deserialize<Header>(file.AsSpan(sizeof(int), length));
            return header is null
                ? null
                : new(header.Key, file[(sizeof(int) + length)..], header.Headers, header.ETag, header.LastModified);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void CreatePrivate(string folder) =>
        Directory.CreateDirectory(folder, DurableFile.OwnerOnlyFolder);

    private string FileOf(string bucket, string key) =>
        Path.Combine(_root, bucket, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))));

    private sealed record Header(
        string Key, Dictionary<string, string> Headers, string ETag, DateTimeOffset LastModified);
}
