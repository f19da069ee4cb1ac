using Broker.Agents;
using Broker.AuditService;
using Broker.Aws;
using Broker.AwsAccount;
using Broker.AwsContainer;
using Broker.Capabilities;
using Broker.ClassifyService;
using Broker.Configuration;
using Broker.DataClasses;
using Broker.Discovery;
using Broker.EmailService;
using Broker.Foundation.Settings;
using Broker.Grants;
using Broker.Http;
using Broker.Identity;
using Broker.IdentityLinks;
using Broker.Inbox;
using Broker.Issuer;
using Broker.IssuerEvidence;
using Broker.KeyRotation;
using Broker.Kms.Configuration;
using Broker.LedgerHosting;
using Broker.Mail;
using Broker.Mail.Feedback;
using Broker.Mail.Ses;
using Broker.Modules;
using Broker.OAuth;
using Broker.Operations;
using Broker.Pages;
using Broker.People;
using Broker.Receipts;
using Broker.Refusals;
using Broker.Releases;
using Broker.Roles;
using Broker.Sessions;
using Broker.SignIn.Email;
using Broker.SignIn.Methods;
using Broker.SignIn.Oidc;
using Broker.SignIn.Passkey;
using Broker.SignIn.Staged;
using Broker.SignIn.Wallet;
using Broker.Signer;
using Broker.SigningKeys;
using Broker.StartRecords;
using Broker.Storage;
using Broker.Tokens;

namespace Broker;

/// <summary>
/// The features of the house, each after those that it builds on. A new feature is its folder and one line here.
/// </summary>
internal static class BrokerModules
{
    /// <summary>Those of this process, by its <c>BROKER_MODULES</c>.</summary>
    public static IReadOnlyList<BrokerModule> Of(BootEnvironment boot) =>
        ProcessParts.FindWithoutBroker(boot) switch
        {
            null => All,
            { Signer: true } => SignerWithoutBroker,
            _ => WithoutBroker,
        };

    public static IReadOnlyList<BrokerModule> All { get; } =
    [
        new OperationsModule(),
        new HttpModule(),
        new StorageModule(),
        new IdentityModule(),
        new IssuerModule(),
        new SigningKeysModule(),
        new AwsAccountModule(),
        new LedgerModule(),
        new RefusalsModule(),
        new BucketsModule(),
        new RolesModule(),
        new SessionsModule(),
        new ReleasesModule(),
        new PagesModule(),
        new SignInMethodsModule(),
        new IdentityLinksModule(),
        new GrantsModule(),
        new AgentsModule(),
        new CapabilityGatesModule(),
        new CapabilitiesModule(),
        new WalletModule(),
        new StagedModule(),
        new MailModule(),
        new SesModule(),
        new FeedbackModule(),
        new EmailModule(),
        new PasskeyModule(),
        new OidcModule(),
        new TokensModule(),
        new AwsModule(),
        new AwsContainerModule(),
        new InboxModule(),
        new ReceiptsModule(),
        new KeyRotationModule(),
        new OAuthModule(),
        new IssuerEvidenceModule(),
        new DiscoveryModule(),
        new SignerModule(),
        new DataClassesModule(),
        new DataClassModule(DataClass.Cred),
        new DataClassModule(DataClass.Memory),
        new DataClassModule(DataClass.Config),
        new AuditServiceModule(),
        new ClassifyServiceModule(),
        new EmailServiceModule(),
        new StartRecordsModule(),
        new PeopleModule(),
    ];

    /// <summary>A process of services that take what a broker has issued, and issue nothing.</summary>
    public static IReadOnlyList<BrokerModule> WithoutBroker { get; } =
    [
        new OperationsModule(),
        new HttpModule(),
        new StorageModule(),
        new ServiceKeysModule(),
        new AwsAccountModule(),
        new LedgerModule(),
        new RefusalsModule(),
        new BucketsModule(),
        new CapabilityGatesModule(),
        new DataClassesModule(),
        new DataClassModule(DataClass.Cred),
        new DataClassModule(DataClass.Memory),
        new DataClassModule(DataClass.Config),
        new AuditServiceModule(),
        new ClassifyServiceModule(),
        new StartRecordsModule(),
    ];

    /// <summary>The same with the signer.</summary>
    public static IReadOnlyList<BrokerModule> SignerWithoutBroker { get; } =
        [.. WithoutBroker, new SignerAloneModule(), new SignerModule()];

    /// <summary>Every setting of the broker, in the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> Settings { get; } = SettingsOf(All);

    public static IReadOnlyList<Setting> SettingsOf(IEnumerable<BrokerModule> modules) =>
        [.. modules.SelectMany(module => module.Settings)];

    /// <summary>Every variable's name that the process reads, aliases and the KMS's included.</summary>
    public static IReadOnlySet<string> NamesOf(IEnumerable<BrokerModule> modules) => SettingsOf(modules)
        .Concat(KmsSettings.All)
        .SelectMany(one => (string[])[one.Name, .. one.Aliases]).ToHashSet(StringComparer.Ordinal);
}
