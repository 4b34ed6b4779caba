package rollcall

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	api "github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// routes of the HTTP API, by their construct IDs.
var routes = []struct{ id, key string }{
	{"PutItems", "PUT /items"},
	{"GetItems", "GET /items"},
	{"GetItem", "GET /items/{id}"},
	{"DeleteItem", "DELETE /items/{id}"},
}

// accessLog has the route, not the path: a path holds a person's ID.
const accessLog = `{"requestId":"$context.requestId","route":"$context.routeKey","status":"$context.status",` +
	`"latency":"$context.responseLatency","error":"$context.integrationErrorMessage"}`

func (d *Deployment) addHTTPAPI() {
	if d.props.HTTPAPI == nil {
		return
	}
	it := api.NewCfnApi(d.Construct, jsii.String("HttpApi"), &api.CfnApiProps{
		Name:         jsii.String(d.props.Name + "-items"),
		Description:  jsii.String("Reads and writes the people's items"),
		ProtocolType: jsii.String("HTTP"),
	})
	d.HTTPAPIURL = it.AttrApiEndpoint()
	integration := api.NewCfnIntegration(d.Construct, jsii.String("HttpApiItems"), &api.CfnIntegrationProps{
		ApiId:                it.Ref(),
		IntegrationType:      jsii.String("AWS_PROXY"),
		IntegrationUri:       jsii.String(d.arns.function[itemsAPI]),
		PayloadFormatVersion: jsii.String("2.0"),
	})
	integration.AddDependency(d.child("ItemsApi"))
	d.addRoutes(it, integration)
	d.addStage(it)
	permission := awslambda.NewCfnPermission(d.Construct, jsii.String("HttpApiStartsItems"), &awslambda.CfnPermissionProps{
		Action:       jsii.String("lambda:InvokeFunction"),
		FunctionName: jsii.String(d.names.function[itemsAPI]),
		Principal:    jsii.String("apigateway.amazonaws.com"),
		SourceArn: jsii.String(strings.Join([]string{
			"arn:" + *d.stack.Partition(), "execute-api", *d.stack.Region(), *d.stack.Account(), *it.Ref() + "/*/*",
		}, ":")),
	})
	permission.AddDependency(d.child("ItemsApi"))
}

func (d *Deployment) addRoutes(it api.CfnApi, integration awscdk.CfnResource) {
	authorization := jsii.String("AWS_IAM")
	var authorizer *string
	var scopes *[]*string
	if jwt := d.props.HTTPAPI.JWT; jwt != nil {
		authorization = jsii.String("JWT")
		authorizer = api.NewCfnAuthorizer(d.Construct, jsii.String("HttpApiJwt"), &api.CfnAuthorizerProps{
			ApiId:          it.Ref(),
			Name:           jsii.String("jwt"),
			AuthorizerType: jsii.String("JWT"),
			IdentitySource: jsii.Strings("$request.header.Authorization"),
			JwtConfiguration: &api.CfnAuthorizer_JWTConfigurationProperty{
				Issuer: &jwt.Issuer, Audience: jsii.Strings(jwt.Audience...),
			},
		}).Ref()
		if len(jwt.Scopes) > 0 {
			scopes = jsii.Strings(jwt.Scopes...)
		}
	}
	for _, route := range routes {
		api.NewCfnRoute(d.Construct, jsii.String("HttpApi"+route.id), &api.CfnRouteProps{
			ApiId:               it.Ref(),
			RouteKey:            &route.key,
			Target:              jsii.String("integrations/" + *integration.Ref()),
			AuthorizationType:   authorization,
			AuthorizerId:        authorizer,
			AuthorizationScopes: scopes,
		})
	}
}

func (d *Deployment) addStage(it api.CfnApi) {
	logs := awslogs.NewCfnLogGroup(d.Construct, jsii.String("HttpApiLogs"), &awslogs.CfnLogGroupProps{
		LogGroupName:    jsii.String("/aws/apigateway/" + d.props.Name + "-items"),
		RetentionInDays: jsii.Number(d.props.LogRetentionDays),
		KmsKeyId:        optional(d.props.KMSKeyARN),
	})
	api.NewCfnStage(d.Construct, jsii.String("HttpApiStage"), &api.CfnStageProps{
		ApiId:      it.Ref(),
		StageName:  jsii.String("$default"),
		AutoDeploy: jsii.Bool(true),
		DefaultRouteSettings: &api.CfnStage_RouteSettingsProperty{
			ThrottlingBurstLimit: jsii.Number(200), ThrottlingRateLimit: jsii.Number(100),
		},
		AccessLogSettings: &api.CfnStage_AccessLogSettingsProperty{
			DestinationArn: logs.AttrArn(), Format: jsii.String(accessLog),
		},
	})
}
