using Broker.Foundation.Settings;
using Broker.Kms.Configuration;
using Broker.Modules;
using Broker.Storage;
using FluentValidation;

namespace Broker.SigningKeys;

/// <summary>The key files, each mode 0600.</summary>
/// <param name="Rs256">Null where no relying party needs RS256.</param>
/// <param name="KmsFolder">The KMS whose roots give the keys instead; null where they are those of the files.</param>
internal sealed record KeyFileOptions(
    RingFiles Oidc, RingFiles? Rs256, string Session, string Ledger, string? KmsFolder)
{
    public static KeyFileOptions Read(BootEnvironment boot)
    {
        var folder = boot.Read(StorageSettings.DataDirectory);
        var oidc = boot.ReadOptional(KeySettings.OidcKeyFile) ?? Path.Combine(folder, "oidc-keypair.json");
        var session = boot.ReadOptional(KeySettings.SessionKeyFile) ?? Path.Combine(folder, "session-keypair.json");
        var ledger = boot.ReadOptional(KeySettings.LedgerKeyFile) ?? Path.Combine(folder, "ledger-key.json");
        var rs256 = new Rs256Files(
            boot.ReadOptional(KeySettings.Rs256KeyFile), boot.Read(KeySettings.Rs256PublishedKeyFiles),
            boot.Text(KeySettings.Rs256PublishedKeyFiles));
        new Given(oidc, session, rs256).Obeying(new Rules());
        return new KeyFileOptions(
            new RingFiles(KeyPurpose.Oidc, oidc, boot.Read(KeySettings.OidcPublishedKeyFiles)),
            rs256.Signing is { } signing ? new RingFiles(KeyPurpose.OidcRs256, signing, rs256.Published) : null,
            session, ledger,
            boot.Read(KeySettings.Source) == KeySource.Kms ? boot.Read(KmsSettings.CertDir) : null);
    }

    private sealed record Rs256Files(string? Signing, string[] Published, string? AsGiven);

    private sealed record Given(string Oidc, string Session, Rs256Files Rs256);

    private sealed class Rules : AbstractValidator<Given>
    {
        public Rules()
        {
            RuleFor(given => given.Session).Must((given, session) => session != given.Oidc)
                .WithMessage("must not be the file of BROKER_OIDC_KEYPAIR_PATH")
                .At(KeySettings.SessionKeyFile, given => given.Session);
            RuleFor(given => given.Rs256).Must(files => files.Signing is not null || files.Published.Length == 0)
                .WithMessage($"needs {KeySettings.Rs256KeyFile.Name}, the key that signs")
                .At(KeySettings.Rs256PublishedKeyFiles, given => given.Rs256.AsGiven);
        }
    }
}

/// <summary>The files of one ring of OIDC keys.</summary>
/// <param name="Purpose">Of each of them.</param>
/// <param name="Signing">The one that signs.</param>
/// <param name="Published">Further ones, or folders of them.</param>
internal sealed record RingFiles(string Purpose, string Signing, string[] Published)
{
    public Setting SigningSetting =>
        Purpose == KeyPurpose.OidcRs256 ? KeySettings.Rs256KeyFile : KeySettings.OidcKeyFile;

    public Setting PublishedSetting => Purpose == KeyPurpose.OidcRs256
        ? KeySettings.Rs256PublishedKeyFiles
        : KeySettings.OidcPublishedKeyFiles;
}
