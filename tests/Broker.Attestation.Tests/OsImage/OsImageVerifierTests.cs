using System.Formats.Tar;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Attestation.OsImage;
using Broker.Attestation.Tests.Collateral;
using Broker.Attestation.Tests.Simulation;
using Microsoft.AspNetCore.Http;

namespace Broker.Attestation.Tests.OsImage;

/// <summary>The check of a whole image: real HTTP, real files, a real child process, simulated machines.</summary>
public sealed partial class OsImageVerifierTests : IClassFixture<Simulated>, IDisposable
{
    private static readonly byte[] RtMr0 = SHA384.HashData("the machine's configuration"u8);

    private readonly Simulated _simulated;
    private readonly string _cache = Directory.CreateTempSubdirectory("os-images-").FullName;
    private readonly HttpClient _http = new();
    private readonly TestImage _image = new();

    public OsImageVerifierTests(Simulated simulated) => _simulated = simulated;

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_cache, recursive: true);
    }

    [Fact]
    public async Task Downloads_once_and_says_of_every_register_what_it_found()
    {
        await using var peer = await ServeAsync(_image.Archive());
        using var verifier = Verifier(peer);

        var verdict = await VerifyAsync(verifier, _image.Machine(_simulated, RtMr0));

        verdict.Registers.Select(register => (register.Register, register.State)).ShouldBe(
        [
            ("MRTD", RegisterState.Matches), ("RTMR0", RegisterState.Unverified),
            ("RTMR1", RegisterState.Matches), ("RTMR2", RegisterState.Matches),
        ]);
        verdict.Refusal.ShouldNotBeNull().ShouldStartWith("RTMR0 cannot be verified: no measurements/");
        await VerifyAsync(verifier, _image.Machine(_simulated, RtMr0));
        peer.Asked.Count.ShouldBe(1);
        Directory.EnumerateFileSystemEntries(Path.Combine(_cache, "images")).Select(Path.GetFileName)
            .ShouldBe([_image.Hash]);
    }

    [Fact]
    public async Task Accepts_an_unverified_RTMR0_only_when_told_to()
    {
        await using var peer = await ServeAsync(_image.Archive());
        using var verifier = Verifier(peer, options => options with { AcceptUnverifiedRtmr0 = true });

        (await VerifyAsync(verifier, _image.Machine(_simulated, RtMr0))).Verified.ShouldBeTrue();
        (await VerifyAsync(verifier, _image.Machine(_simulated, RtMr0, mrtd: new byte[48]))).Refusal
            .ShouldNotBeNull().ShouldStartWith("MRs do not match: MRTD mismatch: expected=");
    }

    [Fact]
    public async Task Takes_RTMR0_from_a_measurement_of_the_same_machine()
    {
        await using var peer = await ServeAsync(_image.Archive());
        using var verifier = Verifier(peer);
        WriteMeasurement(version: 3, RtMr0);

        var verdict = await VerifyAsync(verifier, _image.Machine(_simulated, RtMr0));
        verdict.Refusal.ShouldBeNull();
        verdict.Registers[1].Basis.ShouldStartWith("from measurements/");
        (await VerifyAsync(verifier, _image.Machine(_simulated, new byte[48]))).Refusal
            .ShouldBe(
                $"MRs do not match: RTMR0 mismatch: expected={Convert.ToHexStringLower(RtMr0)},"
                + $" actual={new string('0', 96)}");

        // A file of other rules, or none that parses, is as good as none.
        WriteMeasurement(version: 2, RtMr0);
        (await VerifyAsync(verifier, _image.Machine(_simulated, RtMr0))).Registers[1].State
            .ShouldBe(RegisterState.Unverified);
        await File.WriteAllTextAsync(MeasurementPath(), "{");
        (await VerifyAsync(verifier, _image.Machine(_simulated, RtMr0))).Registers[1].State
            .ShouldBe(RegisterState.Unverified);
    }

    [Fact]
    public async Task Computes_RTMR0_with_the_ACPI_tables_of_the_generator_and_keeps_it()
    {
        await using var peer = await ServeAsync(_image.Archive());
        var tables = TestAcpi.Tables();
        using var verifier = Verifier(
            peer, options => options with { AcpiTablesProgram = TestAcpi.Program(_cache, tables) });
        var layout = new TdHobLayout(0x809000, [(0x800000, 0x6000), (0x809000, 0x2000)]);
        var expected = BootMeasurements.RtMr0(TdHob.Measure(layout, 4294967296), AcpiTables.Measure(tables).Value!);

        var verdict = await VerifyAsync(verifier, _image.Machine(_simulated, expected));

        verdict.Refusal.ShouldBeNull();
        verdict.Registers[1].Basis.ShouldContain("ACPI tables");
        var kept = JsonDocument.Parse(await File.ReadAllBytesAsync(MeasurementPath())).RootElement;
        kept.GetProperty("measurements").GetProperty("rtmr0").GetString().ShouldBe(Convert.ToHexStringLower(expected));
        var arguments = await File.ReadAllTextAsync(Path.Combine(_cache, "arguments"));
        arguments.ShouldContain("8.2.2 -cpu qemu64 -smp 2 -m 4096M -nographic");
        arguments.ShouldContain("-machine q35,kernel-irqchip=split,confidential-guest-support=tdx,");
        arguments.ShouldContain("hpet=off,smm=off,pic=on");
    }

    [Fact]
    public async Task A_generator_that_fails_refuses_without_its_words()
    {
        await using var peer = await ServeAsync(_image.Archive());
        using var verifier = Verifier(
            peer, options => options with { AcpiTablesProgram = TestAcpi.FailingProgram(_cache) });

        (await VerifyAsync(verifier, _image.Machine(_simulated, RtMr0))).Refusal
            .ShouldBe("Failed to compute expected measurements: dstack-acpi-tables failed with exit code 3");
    }

    [Theory]
    [InlineData(404, "Failed to download image: HTTP status 404")]
    [InlineData(500, "Failed to download image: HTTP status 500")]
    public async Task Says_why_a_download_failed(int status, string refusal)
    {
        await using var peer = await CollateralService.StartAsync();
        peer.Answers[$"/{_image.Hash}.tar.gz"] = context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        };
        using var verifier = Verifier(peer);

        (await VerifyAsync(verifier, _image.Machine(_simulated, RtMr0))).Refusal
            .ShouldNotBeNull().ShouldStartWith(refusal);
    }

    [Fact]
    public async Task Tells_nobody_what_stands_in_the_address_or_what_the_server_said()
    {
        await using var peer = await CollateralService.StartAsync();
        peer.Answers[$"/{_image.Hash}.tar.gz"] = async context =>
        {
            context.Response.StatusCode = 503;
            await context.Response.WriteAsync("internal detail");
        };
        string Secret(Uri address) =>
            $"http://user:pa55@{address.Authority}/{{OS_IMAGE_HASH}}.tar.gz?token=t0ken";
        using var refused = Verifier(peer, options => options with { DownloadUrl = Secret(peer.Address) });
        using var nobody = Verifier(
            peer, options => options with { DownloadUrl = Secret(new Uri("http://127.0.0.1:1/")) });

        (await VerifyAsync(refused, _image.Machine(_simulated, RtMr0))).Refusal.ShouldBe(
            $"Failed to download image: HTTP status 503, url: {peer.Address}{_image.Hash}.tar.gz");
        (await VerifyAsync(nobody, _image.Machine(_simulated, RtMr0))).Refusal.ShouldBe(
            $"Failed to download image: no connection, url: http://127.0.0.1:1/{_image.Hash}.tar.gz");
    }

    [Theory]
    [InlineData("404")]
    [InlineData("redirect")]
    [InlineData("mute")]
    [InlineData("breaks off")]
    [InlineData("no archive")]
    [InlineData("another image")]
    public async Task No_fault_of_a_download_shows_user_info_or_query_of_its_address(string fault)
    {
        await using var peer = await CollateralService.StartAsync();
        var body = fault == "another image"
            ? new TestImage(manifest: "other").Archive()
            : "asked by user with pa55 and t0ken"u8.ToArray();
        peer.Answers[$"/{_image.Hash}.tar.gz"] = async context =>
        {
            if (fault == "404") context.Response.StatusCode = 404;
            if (fault == "redirect") context.Response.Redirect("http://user:pa55@127.0.0.1:1/?token=t0ken");
            if (fault == "mute") await Task.Delay(Timeout.Infinite, context.RequestAborted);
            if (fault == "breaks off") context.Response.ContentLength = 1000;
            await context.Response.Body.WriteAsync(body);
            if (fault != "breaks off") return;
            await context.Response.Body.FlushAsync();
            context.Abort();
        };
        var said = new List<string>();
        var options = new OsImageOptions
        {
            CacheDirectory = _cache,
            DownloadUrl = $"http://user:pa55@{peer.Address.Authority}/{{OS_IMAGE_HASH}}.tar.gz?token=t0ken",
            DownloadTimeout = TimeSpan.FromSeconds(fault == "mute" ? 1 : 60),
        };
        using var verifier = new OsImageVerifier(options, _http, said.Add);

        var refusal = (await VerifyAsync(verifier, _image.Machine(_simulated, RtMr0))).Refusal.ShouldNotBeNull();

        foreach (var text in (string[])[refusal, .. said])
        {
            foreach (var secret in (string[])["user", "pa55", "t0ken"]) text.ShouldNotContain(secret);
        }

        if (fault == "404") said.ShouldHaveSingleItem().ShouldContain("404: asked by […] with […] and […]");
        else said.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_download_that_breaks_off_is_a_refusal()
    {
        await using var peer = await CollateralService.StartAsync();
        var archive = _image.Archive();
        peer.Answers[$"/{_image.Hash}.tar.gz"] = async context =>
        {
            context.Response.ContentLength = archive.Length;
            await context.Response.Body.WriteAsync(archive.AsMemory(0, archive.Length / 2));
            await context.Response.Body.FlushAsync();
            context.Abort();
        };
        using var verifier = Verifier(peer);

        (await VerifyAsync(verifier, _image.Machine(_simulated, RtMr0))).Refusal
            .ShouldNotBeNull().ShouldStartWith("Failed to download image: ");
        Directory.EnumerateFileSystemEntries(Path.Combine(_cache, "images")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_download_whose_connection_is_reset_is_a_refusal()
    {
        var archive = _image.Archive();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var connection = await listener.AcceptSocketAsync();
            await connection.ReceiveAsync(new byte[4096]);
            await connection.SendAsync(Encoding.ASCII.GetBytes(
                $"HTTP/1.1 200 OK\r\nContent-Length: {archive.Length}\r\n\r\n"));
            await connection.SendAsync(archive.AsMemory(0, archive.Length / 2));

            // Time for the client to wait for more. Closed without lingering, a socket sends a reset.
            await Task.Delay(500);
            connection.LingerState = new LingerOption(enable: true, seconds: 0);
        });
        await using var peer = await CollateralService.StartAsync();
        var address = $"http://{listener.LocalEndpoint}/{{OS_IMAGE_HASH}}.tar.gz";
        using var verifier = Verifier(peer, options => options with { DownloadUrl = address });

        (await VerifyAsync(verifier, _image.Machine(_simulated, RtMr0))).Refusal
            .ShouldNotBeNull().ShouldStartWith("Failed to download image: the answer broke off");
        await serving;
    }

    [Fact]
    public async Task Refuses_metadata_with_a_name_twice()
    {
        var metadata = """{"bios":"b","kernel":"k","initrd":"i","cmdline":"a","cmdline":"b"}"""u8.ToArray();
        var image = new TestImage(files => files["metadata.json"] = metadata);

        await ShouldRefuseAsync(image.Archive(), "Failed to parse image metadata: not JSON, a name twice", image);
    }

    [Fact]
    public async Task A_measurement_with_a_name_twice_counts_as_none()
    {
        await using var peer = await ServeAsync(_image.Archive());
        using var verifier = Verifier(peer);
        WriteMeasurement(version: 3, RtMr0);
        var text = await File.ReadAllTextAsync(MeasurementPath());
        await File.WriteAllTextAsync(MeasurementPath(), text.Insert(1, "\"version\":3,"));

        (await VerifyAsync(verifier, _image.Machine(_simulated, RtMr0))).Registers[1].State
            .ShouldBe(RegisterState.Unverified);
    }

    [Fact]
    public async Task A_download_that_does_not_end_is_given_up()
    {
        await using var peer = await CollateralService.StartAsync();
        peer.Answers[$"/{_image.Hash}.tar.gz"] = async context =>
        {
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        using var verifier = Verifier(
            peer, options => options with { DownloadTimeout = TimeSpan.FromMilliseconds(300) });

        (await VerifyAsync(verifier, _image.Machine(_simulated, RtMr0))).Refusal
            .ShouldNotBeNull().ShouldStartWith("Download image timeout");
        Directory.EnumerateFileSystemEntries(Path.Combine(_cache, "images")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Refuses_an_image_that_is_not_the_one_asked_for_and_keeps_nothing_of_it()
    {
        var other = new TestImage(files => files["initramfs.cpio.gz"] = [1]);
        await ShouldRefuseAsync(other.Archive(), "os_image_hash does not match sha256(sha256sum.txt)");

        var inFolder = ImageArchiveTests.Pack(ImageArchiveTests.File("dstack-0.5.5/sha256sum.txt", "x"));
        await ShouldRefuseAsync(inFolder, "sha256sum.txt not found: the files have to lie at the root of the archive");

        var link = new PaxTarEntry(TarEntryType.SymbolicLink, "l") { LinkName = "/" };
        await ShouldRefuseAsync(_image.Archive(link), "image archive contains an entry that is neither file nor folder");
        await ShouldRefuseAsync([1, 2, 3], "image archive is not a gzip-compressed tar");
        Directory.EnumerateFileSystemEntries(Path.Combine(_cache, "images")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Refuses_a_listed_file_that_is_absent_or_another()
    {
        var lying = new TestImage(manifest: $"{new string('0', 64)}  metadata.json\n");
        await ShouldRefuseAsync(lying.Archive(), "Checksum verification failed: metadata.json", lying);

        var missing = new TestImage(manifest: $"{new string('0', 64)}  rootfs.img\n");
        await ShouldRefuseAsync(
            missing.Archive(), "Checksum verification failed: rootfs.img is not in the archive", missing);

        var unlisted = new TestImage(manifest: "\n");
        await ShouldRefuseAsync(unlisted.Archive(), "metadata.json not found in the extracted archive", unlisted);
    }

    [Fact]
    public async Task Believes_a_cached_image_no_more_than_a_fresh_one()
    {
        await using var peer = await ServeAsync(_image.Archive(ImageArchiveTests.File("unlisted", "x")));
        using var verifier = Verifier(peer, options => options with { AcceptUnverifiedRtmr0 = true });
        var machine = _image.Machine(_simulated, RtMr0);
        (await VerifyAsync(verifier, machine)).Verified.ShouldBeTrue();
        var folder = Path.Combine(_cache, "images", _image.Hash);
        File.Exists(Path.Combine(folder, "unlisted")).ShouldBeFalse();

        await File.AppendAllTextAsync(Path.Combine(folder, "bzImage"), "x");
        (await VerifyAsync(verifier, machine)).Refusal.ShouldBe("Checksum verification failed: bzImage");
        await File.AppendAllTextAsync(Path.Combine(folder, "sha256sum.txt"), "\n");
        (await VerifyAsync(verifier, machine)).Refusal
            .ShouldBe("legacy TDX attestation requires os_image_hash = sha256(sha256sum.txt)");
    }

    [Fact]
    public async Task Refuses_a_hash_that_is_none_before_it_becomes_a_path()
    {
        await using var peer = await CollateralService.StartAsync();
        using var verifier = Verifier(peer);
        var machine = _image.Machine(_simulated, RtMr0);

        (await VerifyAsync(verifier, machine, "{\"os_image_hash\":\"00\"}")).Refusal
            .ShouldBe("os_image_hash has 1 bytes, not 32");
        peer.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Refuses_metadata_that_names_a_file_the_manifest_does_not_cover()
    {
        var metadata = "{\"bios\":\"../passwd\",\"kernel\":\"k\",\"initrd\":\"initramfs.cpio.gz\",\"cmdline\":\"\"}"u8;
        var bytes = metadata.ToArray();
        var image = new TestImage(files => files["metadata.json"] = bytes);

        await ShouldRefuseAsync(image.Archive(), "../passwd is not listed in sha256sum.txt", image);
    }
}
