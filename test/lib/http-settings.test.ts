import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../lib/config.ts';
import { deployed, embedded, resources, theResource } from './synthesize.ts';

const JWT = { jwtIssuer: 'https://login.example.com', jwtAudience: 'people' };
const SCOPES = { jwtSubmitScope: 'submit', jwtReadScope: 'read', jwtOperateScope: 'operate' };
const CERTIFICATE = 'arn:aws:acm:us-east-1:111122223333:certificate/0198c5f2-7a1e-7c3a-9d4e-2b6f8a1c3d5e';
const DOMAIN = { domainName: 'avatars.example.com', certificateArn: CERTIFICATE };

describe('the settings of the HTTP API', () => {
  it('are read from text', () => {
    const corsOrigins = 'https://shop.example.com/, http://localhost:5173,http://[::1]:80';
    expect(
      readConfiguration({
        ...JWT,
        ...SCOPES,
        ...DOMAIN,
        ownRecordsOnly: 'true',
        corsOrigins: 'https://a.example',
      }),
    ).toMatchObject({ ...SCOPES, ...DOMAIN, ownRecordsOnly: true, corsOrigins: ['https://a.example'] });
    expect(() => readConfiguration({ ...JWT, corsOrigins })).toThrow('corsOrigins is ');
    expect(
      readConfiguration({ ...JWT, corsOrigins: 'https://shop.example.com/, http://localhost:5173' })
        .corsOrigins,
    ).toEqual(['https://shop.example.com', 'http://localhost:5173']);
  });

  it.each([
    ['jwtReadScope', 'two scopes'],
    ['jwtReadScope', 'a"b'],
    ['jwtReadScope', 'x'.repeat(65)],
    ['ownRecordsOnly', 'yes'],
    ['corsOrigins', '*'],
    ['corsOrigins', 'https://*'],
    ['corsOrigins', 'https://*.example.com'],
    ['corsOrigins', 'http://shop.example.com'],
    ['corsOrigins', 'https://shop.example.com/page'],
    ['corsOrigins', 'https://shop.example.com,ftp://localhost'],
    ['corsOrigins', 'https://Shop.example.com'],
    ['domainName', 'https://avatars.example.com'],
    ['domainName', '*.example.com'],
    ['domainName', 'localhost'],
    ['certificateArn', 'arn:aws:iam::111122223333:server-certificate/avatars'],
  ])('reject %s=%s and name the setting and its value', (name, value) => {
    expect(() => readConfiguration({ ...JWT, [name]: value })).toThrow(
      `  ${name} is ${JSON.stringify(value)}. Expected: `,
    );
  });

  const { jwtReadScope: _, ...twoScopes } = SCOPES;
  it.each([
    [SCOPES, /^ {2}jwtIssuer is missing. Expected: a value, because jwtSubmitScope requires it\.$/m],
    [{ ...JWT, ...twoScopes }, /^ {2}jwtReadScope is missing.* are set together or not at all\.$/m],
    [{ corsOrigins: 'https://shop.example.com' }, /^ {2}jwtIssuer is missing.* corsOrigins requires it\.$/m],
    [{ domainName: 'avatars.example.com' }, /^ {2}certificateArn is missing/m],
    [{ certificateArn: CERTIFICATE }, /^ {2}domainName is missing/m],
    [{ ...JWT, ownRecordsOnly: 'true' }, /^ {2}jwtSubmitScope is missing.* ownRecordsOnly requires/m],
  ])('reject %o, because another setting is missing', (settings, problem) => {
    expect(() => readConfiguration(settings)).toThrow(problem);
  });

  it('allow own records only with IAM, and with JWT and scopes', () => {
    expect(readConfiguration({ ownRecordsOnly: true }).ownRecordsOnly).toBe(true);
    expect(readConfiguration({ ...JWT, ...SCOPES, ownRecordsOnly: true }).ownRecordsOnly).toBe(true);
  });
});

describe('web pages', () => {
  it('cannot call an API with IAM authorization', () => {
    expect(() => embedded({ corsOrigins: ['https://shop.example.com'] })).toThrow('corsOrigins requires jwt');
  });

  it('cannot call an API without the setting: no CORS and no open route', () => {
    const { template } = deployed({ ...JWT, ...SCOPES });
    expect(theResource(template, 'AWS::ApiGatewayV2::Api').Properties).not.toHaveProperty(
      'CorsConfiguration',
    );
    for (const { Properties } of resources(template, 'AWS::ApiGatewayV2::Route')) {
      expect(Properties.AuthorizationType).toBe('JWT');
    }
  });
});

describe('a domain', () => {
  const { template } = deployed(DOMAIN);

  it('leads to the API, by the certificate and with TLS 1.2 at least', () => {
    const { logicalId, Properties } = theResource(template, 'AWS::ApiGatewayV2::DomainName');
    expect(Properties).toMatchObject({
      DomainName: 'avatars.example.com',
      DomainNameConfigurations: [
        { CertificateArn: CERTIFICATE, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' },
      ],
    });
    expect(theResource(template, 'AWS::ApiGatewayV2::ApiMapping').Properties).toEqual({
      ApiId: { Ref: theResource(template, 'AWS::ApiGatewayV2::Api').logicalId },
      DomainName: { Ref: logicalId },
      Stage: '$default',
    });
  });

  it('is what the outputs show, with the target of its DNS record', () => {
    const { logicalId } = theResource(template, 'AWS::ApiGatewayV2::DomainName');
    const { ApiUrl, ApiDomainTarget } = template.findOutputs('*');
    expect(ApiUrl?.Value).toEqual({ 'Fn::Join': ['', ['https://', { Ref: logicalId }]] });
    expect(ApiDomainTarget?.Value).toEqual({ 'Fn::GetAtt': [logicalId, 'RegionalDomainName'] });
  });

  it("is not required: the outputs show API Gateway's domain", () => {
    const outputs = deployed().template.findOutputs('*');
    expect(outputs).not.toHaveProperty('ApiDomainTarget');
    expect(JSON.stringify(outputs.ApiUrl?.Value)).toContain('ApiEndpoint');
  });

  it('does not switch the domain of API Gateway off', () => {
    const { Properties } = theResource(template, 'AWS::ApiGatewayV2::Api');
    expect(Properties).not.toHaveProperty('DisableExecuteApiEndpoint');
  });
});
