using System.Security.Cryptography;
using Broker.Kms.Certificates;
using Broker.Foundation;
using Broker.Kms.Keys;

namespace Broker.Kms.Tests.Keys;

public sealed class KeyDirectoryTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _temporary = new();

    private string Folder => _temporary.File("certs");

    [Fact]
    public void A_stored_set_is_complete_with_its_modes_and_nothing_is_left_over()
    {
        var folder = new KeyDirectory(Folder);
        folder.IsComplete.ShouldBeFalse();

        folder.Store(FilesOf(NewIdentity(), withInfo: true));

        folder.IsComplete.ShouldBeTrue();
        Directory.GetFileSystemEntries(Folder).Select(Path.GetFileName).Order().ShouldBe(
        [
            "bootstrap-info.json", "root-ca.crt", "root-ca.key", "root-k256.key", "rpc-domain", "rpc.crt", "rpc.key",
            "tmp-ca.crt", "tmp-ca.key",
        ]);
        foreach (var key in Directory.GetFiles(Folder, "*.key"))
            File.GetUnixFileMode(key).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.ReadAllBytes(Path.Combine(Folder, "root-k256.key")).Length.ShouldBe(32);
        File.ReadAllText(Path.Combine(Folder, "rpc-domain")).ShouldBe("kms.example.test");
    }

    [Fact]
    public void What_was_stored_is_loaded()
    {
        var folder = new KeyDirectory(Folder);
        var identity = NewIdentity();

        folder.Store(FilesOf(identity, withInfo: false));
        var loaded = KmsIdentity.Load(folder);

        loaded.RootCaPem.ShouldBe(identity.RootCaPem);
        loaded.RpcKey.ToPkcs8().ShouldBe(identity.RpcKey.ToPkcs8());
        loaded.Roots.ExportK256().ShouldBe(identity.Roots.ExportK256());
        loaded.Roots.TempCa.ToPkcs8().ShouldBe(identity.Roots.TempCa.ToPkcs8());
    }

    [Fact]
    public void Existing_files_are_never_overwritten()
    {
        var folder = new KeyDirectory(Folder);
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "rpc.key"), "somebody's");

        Should.Throw<IOException>(() => folder.Store(FilesOf(NewIdentity(), withInfo: true)));

        Directory.GetFileSystemEntries(Folder).Select(Path.GetFileName).ShouldBe(["rpc.key"]);
        File.ReadAllText(Path.Combine(Folder, "rpc.key")).ShouldBe("somebody's");
    }

    /// <summary>
    /// A crash before the commit: the files are there, in the folder of a set that never became final.
    /// </summary>
    [Fact]
    public void A_crash_before_the_commit_leaves_nothing()
    {
        WriteHidden(".new", FilesOf(NewIdentity(), withInfo: true));
        var folder = new KeyDirectory(Folder);

        folder.Recover();

        Directory.GetFileSystemEntries(Folder).ShouldBeEmpty();
    }

    /// <summary>A crash after the commit, with any number of files moved already.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(9)]
    public void A_crash_after_the_commit_leaves_a_complete_set(int moved)
    {
        var files = FilesOf(NewIdentity(), withInfo: true);
        WriteHidden(".committed", files);
        foreach (var file in Directory.GetFiles(Path.Combine(Folder, ".committed")).Order().Take(moved))
            File.Move(file, Path.Combine(Folder, Path.GetFileName(file)));
        var folder = new KeyDirectory(Folder);

        folder.Recover();

        folder.IsComplete.ShouldBeTrue();
        Directory.Exists(Path.Combine(Folder, ".committed")).ShouldBeFalse();
        foreach (var (name, content) in files) folder.Read(name).ShouldBe(content);
    }

    [Fact]
    public void A_certificate_is_replaced_and_a_key_is_not()
    {
        var folder = new KeyDirectory(Folder);
        folder.Store(FilesOf(NewIdentity(), withInfo: false));

        folder.ReplaceCertificate("rpc.crt", "new\n");

        folder.ReadText("rpc.crt").ShouldBe("new\n");
        Should.Throw<ArgumentException>(() => folder.ReplaceCertificate("rpc.key", "new\n"));
    }

    [Fact]
    public void A_ca_certificate_of_another_key_is_refused()
    {
        var folder = new KeyDirectory(Folder);
        var files = FilesOf(NewIdentity(), withInfo: false);
        var foreign = KmsCertificates.RootCa(P256PrivateKey.Generate(), Now);
        files["root-ca.crt"] = System.Text.Encoding.ASCII.GetBytes(foreign);
        folder.Store(files);

        Should.Throw<CryptographicException>(() => KmsIdentity.Load(folder))
            .Message.ShouldBe("CA certificate does not match private key");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{\"ca_pubkey\":")]
    [InlineData("{\"ca_pubkey\":\"00\"}")]
    [InlineData("{\"ca_pubkey\":\"zz\",\"k256_pubkey\":\"00\",\"attestation\":\"\"}")]
    [InlineData("{\"ca_pubkey\":\"01\",\"ca_pubkey\":\"02\",\"k256_pubkey\":\"00\",\"attestation\":\"\"}")]
    [InlineData("{\"ca_pubkey\":null,\"k256_pubkey\":\"00\",\"attestation\":\"\"}")]
    public void Bootstrap_info_that_cannot_be_read_is_none(string? text)
    {
        Directory.CreateDirectory(Folder);
        if (text is not null) File.WriteAllText(Path.Combine(Folder, "bootstrap-info.json"), text);

        BootstrapInfo.Read(new KeyDirectory(Folder)).ShouldBeNull();
    }

    [Fact]
    public void A_folder_and_keys_that_others_may_use_are_closed()
    {
        var folder = new KeyDirectory(Folder);
        folder.Store(FilesOf(NewIdentity(), withInfo: false));
        folder.Close().ShouldBeEmpty();
        ModeOf(Folder).ShouldBe(DurableFile.OwnerOnlyFolder);

        File.SetUnixFileMode(folder.PathOf("rpc.key"), DurableFile.OwnerOnly | UnixFileMode.GroupRead);
        File.SetUnixFileMode(Folder, DurableFile.OwnerOnlyFolder | UnixFileMode.OtherExecute);

        folder.Close().ShouldBe([folder.PathOf("rpc.key"), Path.GetFullPath(Folder)]);
        ModeOf(folder.PathOf("rpc.key")).ShouldBe(DurableFile.OwnerOnly);
        ModeOf(Folder).ShouldBe(DurableFile.OwnerOnlyFolder);
    }

    [Fact]
    public void A_folder_that_was_there_is_closed_when_keys_are_stored()
    {
        Directory.CreateDirectory(Folder);
        File.SetUnixFileMode(Folder, DurableFile.OwnerOnlyFolder | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);

        new KeyDirectory(Folder).Store(FilesOf(NewIdentity(), withInfo: false));

        ModeOf(Folder).ShouldBe(DurableFile.OwnerOnlyFolder);
    }

    [Fact]
    public void A_proof_of_use_leaves_nothing_behind()
    {
        var deep = Path.Combine(Folder, "not", "there");

        new KeyDirectory(deep).ProveWritable();

        Directory.Exists(Folder).ShouldBeFalse();
        Should.Throw<IOException>(() => new KeyDirectory("/proc/nope").ProveWritable());
    }

    [FixtureFact]
    public void A_folder_that_the_reference_made_is_taken_over()
    {
        Directory.CreateDirectory(Folder);
        foreach (var file in Directory.GetFiles(Fixtures.File("kms", "synthetic", "kms-certs")))
            File.WriteAllBytes(Path.Combine(Folder, Path.GetFileName(file)), File.ReadAllBytes(file));
        var folder = new KeyDirectory(Folder);
        var vectors = KmsVectors.Read();

        folder.IsComplete.ShouldBeTrue();
        var identity = KmsIdentity.Load(folder);
        var expected = vectors.Apps.First();
        var app = KmsVectors.App(KmsVectors.Bytes(expected, "app_id"));

        Convert.ToHexStringLower(identity.Roots.Ca.SubjectPublicKeyInfo)
            .ShouldBe(KmsVectors.Hex(vectors.Root, "root_ca_spki"));
        Convert.ToHexStringLower(AppKeyDerivation.EnvPublicKey(identity.Roots, app))
            .ShouldBe(KmsVectors.Hex(expected, "env_public_key"));
        BootstrapInfo.Read(folder)!.CaPublicKey.ShouldBe(KmsVectors.Hex(vectors.Root, "root_ca_spki"));
        BootstrapInfo.Read(folder)!.ToJson().ShouldBe(folder.Read("bootstrap-info.json"));
    }

    private static UnixFileMode ModeOf(string path) => File.GetUnixFileMode(path);

    public void Dispose() => _temporary.Dispose();

    private static KmsIdentity NewIdentity() =>
        KmsIdentity.Certify(RootKeys.Generate(), P256PrivateKey.Generate(), "kms.example.test", null, Now);

    private static Dictionary<string, byte[]> FilesOf(KmsIdentity identity, bool withInfo)
    {
        var files = identity.ToFiles("kms.example.test");
        if (withInfo) files["bootstrap-info.json"] = "{}"u8.ToArray();
        return files;
    }

    private void WriteHidden(string name, Dictionary<string, byte[]> files)
    {
        Directory.CreateDirectory(Path.Combine(Folder, name));
        foreach (var (file, content) in files) File.WriteAllBytes(Path.Combine(Folder, name, file), content);
    }
}
